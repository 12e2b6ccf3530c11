// The fields of a request, as `relay send` has them. Those of the first group are always shown.

export const FIRST = [{ name: "title", label: "Title", option: "--title" }];

export const GROUPS = [
  {
    title: "What is released",
    open: true,
    fields: [
      { name: "repository", label: "Repository", option: "--repository", hint: "OWNER/NAME" },
      { name: "environment", label: "Environment", option: "--environment" },
      { name: "event_type", label: "Event type", option: "--event-type", hint: "none: a card without buttons" },
      { name: "text", label: "Text", option: "--text", kind: "lines", hint: "Markdown" },
    ],
  },
  {
    title: "What the released workflow gets",
    fields: [{ name: "client_payload", label: "Payload", option: "--payload", kind: "object", hint: "a JSON object" }],
  },
  {
    title: "Facts and links",
    fields: [
      { name: "facts", label: "Facts", option: "--fact", kind: "pairs", second: "value", one: "fact" },
      { name: "links", label: "Links", option: "--link", kind: "pairs", second: "url", one: "link" },
    ],
  },
  {
    title: "Where it comes from",
    fields: [
      { name: "ref", label: "Ref", option: "--ref" },
      { name: "sha", label: "Commit", option: "--sha" },
      { name: "run_url", label: "Run", option: "--run-url", hint: "its address" },
      { name: "requested_by", label: "Requested by", option: "--requested-by", hint: "a GitHub login" },
      { name: "requested_by_id", label: "Their GitHub id", option: "--requested-by-id", kind: "number" },
      { name: "requested_by_also", label: "Run again by", option: "--requested-by-also", hint: "a GitHub login" },
    ],
  },
  {
    title: "Who decides, and until when",
    fields: [
      { name: "approvers", label: "Approvers", option: "--approvers", kind: "words", hint: "ada, group:owners" },
      { name: "expires_in", label: "Expires in", option: "--expires-in", hint: "90s, 45m, 24h, 7d" },
      { name: "confirm", label: "Note to approvers", option: "--confirm", hint: "what to know before pressing" },
      { name: "require_comment", label: "Ask for a comment", option: "--require-comment", kind: "flag" },
    ],
  },
  {
    title: "Rejection and labels",
    fields: [
      { name: "reject_event_type", label: "Event of a rejection", option: "--reject-event-type" },
      { name: "approve_label", label: "Approve, with", option: "--approve-label" },
      { name: "reject_label", label: "Reject, with", option: "--reject-label" },
    ],
  },
  {
    title: "Look",
    fields: [
      { name: "summary", label: "Summary", option: "--summary", hint: "in lists and pop-ups" },
      { name: "theme_color", label: "Colour", option: "--theme-color", hint: "six hexadecimal digits" },
    ],
  },
  {
    title: "Sections and actions of your own",
    fields: [
      { name: "sections", label: "Sections", option: "--sections", kind: "list", hint: "a JSON list of objects" },
      { name: "actions", label: "Actions", option: "--actions", kind: "list", hint: "a JSON list of objects" },
    ],
  },
];
