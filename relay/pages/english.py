"""The pages in English."""

from typing import Final

from relay.pages.words import Note, Words

ENGLISH: Final = Words(
    language="en",
    product="Approval relay",
    signed_in="Signed in as {name}",
    sign_out="Sign out",
    skip="Skip to your decision",
    statuses={
        "pending": "Waiting for approval",
        "approved": "Approved",
        "rejected": "Rejected",
        "superseded": "Superseded by a newer request",
        "cancelled": "Cancelled",
        "expired": "Expired without a decision",
        "elsewhere": "Decided on GitHub",
    },
    notification="Notification",
    notified="This is a notification. There is nothing to decide.",
    decided="Decided",
    ended="Ended",
    newer="Newer request",
    called="The sender calls it “{title}”.",
    after={"day": "in {n} d", "hour": "in {n} h", "minute": "in {n} min"},
    before={"day": "{n} d ago", "hour": "{n} h ago", "minute": "{n} min ago"},
    soon="in less than a minute",
    just_now="just now",
    releases="What an approval releases",
    released="What the approval released",
    not_released="What an approval would have released",
    comes_from="Where this comes from",
    repository="Repository",
    environment="Environment",
    event="Event",
    reject_event="Event if rejected",
    ref="Ref",
    commit="Commit",
    run="Run that asks",
    requested_by="Requested by",
    run_again="{by}, run again by {also}",
    proven="proven by GitHub",
    proven_by_chat="proven by the chat",
    stated="as stated by the sender",
    asked="Proof of the request",
    proofs={
        "oidc": "GitHub vouches for the workflow that asks",
        "key": "an API key of this relay",
        "offline": "a ticket signed with a key of this relay",
        "plain": "none",
        "command": "a command that the requester said in a chat",
        "github": "GitHub tells of a run that waits at its environment",
    },
    expires="Expires",
    payload="Payload",
    payload_about="The released workflow gets this as its client_payload.",
    no_payload="The released workflow gets no payload of the sender.",
    new_tab="opens in a new tab",
    sender="From the sender",
    sender_about="Written by the sender. The relay has not checked any of it.",
    links="Links",
    approvals="Approvals",
    counted="{n} of {required} approved",
    passed="passed",
    waits="waiting now",
    comes_later="comes later",
    was_rejected="rejected",
    not_reached="not reached",
    anyone="anyone of the listed organizations",
    deciders="Who decides: {names}",
    more_people="{n} more",
    sends="When it passes, GitHub gets the event {event}.",
    approved_by="{name} approved",
    rejected_by="{name} rejected",
    you="you",
    decision="Your decision",
    deciding_as="You decide as {name}.",
    why_not={
        "not-allowed": "You are not an approver of this stage. You can see the request, but others decide it.",
        "own-request": "You asked for this, so another person must decide.",
        "no-rule": "No rule of the operator's policy covers this request, so it cannot be decided.",
    },
    may_reject={
        "not-allowed": "This request leaves you out of its approvers. You may still reject it.",
        "own-request": "You asked for this, so somebody else has to approve it. You may still reject it.",
    },
    already_counts="Your approval of this stage already counts. You may still reject.",
    comment="Comment",
    comment_required="Comment (required)",
    comment_about="At most 1,000 characters. It is kept, shown to others, and sent to the workflow.",
    please_note="The sender asks you to note",
    operator_asks="Please note",
    approve="Approve",
    reject="Reject",
    trouble="Nothing was recorded yet",
    needs_comment="Write a comment: this request asks for one.",
    long_comment="Shorten the comment to 1,000 characters.",
    not_yours="This page is too old or was made for another person, so your press was not taken. Decide again here.",
    github="Sent to GitHub",
    debts={
        "owed": "not sent yet; the relay is sending it",
        "retrying": "not taken yet ({why}); the relay keeps trying",
        "delivered": "taken",
        "refused": "refused: {why}. The operator can fix this and replay it",
        "dead": "never taken ({why}). The operator can fix this and replay it",
        "dropped": "never sent: the operator gave it up for good",
        "cancelled": "never sent: it was cancelled before",
    },
    attempts="attempt {n}",
    runs={
        "queued": "The run waits to start",
        "running": "The run has started",
        "success": "The run succeeded",
        "failure": "The run failed",
        "cancelled": "The run was cancelled",
    },
    reported="as its workflow reports",
    rerun="(run {n}, started by {name})",
    run_failed="Run it again",
    run_again_about="The last run did not succeed. This sends the same approval to GitHub once more, for a new run.",
    start_over="Run again",
    refreshes="This page refreshes every {n} seconds while something is under way.",
    stop="Stop refreshing",
    start="Keep refreshing",
    refused={
        "off": Note(
            "Reviewing in the browser is switched off",
            "The operator switches it on with the setting RELAY_SIGN_IN: entra, github or app-service. If it is set "
            "and "
            "has no effect, /api/health says why. Until then, decide in the chat where you got the request.",
        ),
        "foreign": Note(
            "This account is not accepted here",
            "You are signed in, but not with an account on the lists of this relay's operator: a work or school "
            "account "
            "(Microsoft Entra) of a listed tenant, or the GitHub account of a person in the policy. Sign in with the "
            "account you use at work.",
        ),
        "signed-out": Note(
            "You are signed out",
            "Your session has ended, so your press was not taken and nothing was recorded. Sign in and decide again.",
        ),
        "unknown-request": Note(
            "This request is not known",
            "It may be too old, belong to another relay, or need its full link. Open it by the button of its card, or "
            "ask for a new one.",
        ),
        "not-genuine": Note(
            "This link is not genuine",
            "It was changed on its way, belongs to another relay, or is too old. Open the request by the button of its "
            "card, or ask for a new one.",
        ),
        "other-site": Note(
            "Not taken: this came from another page",
            "Only this relay's own page may decide, at the relay's own address. Nothing was recorded. Open the request "
            "and decide there.",
        ),
        "malformed": Note(
            "Not taken: this is not the form of the page",
            "Nothing was recorded. Open the request and decide there.",
        ),
        "too-large": Note("Not taken: this is too large", "Nothing was recorded. Open the request and decide there."),
        "busy": Note(
            "The relay is busy",
            "Nothing may have been recorded. Look at the request again in a moment; pressing again is safe.",
        ),
        "settings": Note(
            "The relay is not ready",
            "Its settings are wrong or missing. Its operator finds out which by `relay doctor` or at /api/health.",
        ),
        "sign-in-expired": Note(
            "This sign-in is over",
            "It took longer than ten minutes, was finished already, or began in another browser or at another address "
            "of this relay. You are not signed in by it. Start again here.",
        ),
        "sign-in-denied": Note(
            "You did not sign in",
            "The sign-in was cancelled, or your organization does not consent to it yet. Start again, or ask your "
            "administrator to allow the relay's app.",
        ),
        "sign-in-refused": Note(
            "The sign-in did not work",
            "The answer was not genuine, or was used already. Nothing was recorded. Start again; if it fails again, "
            "the operator finds the reason in the log.",
        ),
        "sign-in-clock": Note(
            "The clocks differ",
            "The sign-in is of another time than the clock of this relay, by more than five minutes. The operator must "
            "set the relay's clock. Then start again.",
        ),
        "sign-in-provider": Note(
            "This way to sign in does not exist here", "The operator offers others, or none. Start again to see them."
        ),
        "sign-in-setup": Note(
            "The relay cannot sign people in",
            "The provider does not accept the relay's own credential. The operator must correct the client id or the "
            "secret of the sign-in; the log says which. Then start again.",
        ),
        "sign-in-away": Note(
            "The sign-in does not answer",
            "The provider could not be reached, or failed. Nothing was recorded. Start again in a moment.",
        ),
        "nobody": Note("You are signed out", "To see a request, open it by the button of its card, or by its link."),
        "sign-out": Note(
            "Not signed out: this came from another page",
            "Only this relay's own page may sign you out, at the relay's own address.",
        ),
    },
    back="Open the request",
    sign_in="Sign in",
    again="Look again",
    sign_in_with="Sign in with {provider}",
    sign_in_about="Choose the account by which the operator knows you.",
    signed_in_about="Open a request by the button of its card, or by its link.",
    other_account="Sign in with another account",
    start_again="Start again",
)
