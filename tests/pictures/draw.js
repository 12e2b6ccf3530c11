// Draws one card with Microsoft's renderer; returns what the renderer complains about.
({ card, host }) => {
  const { AdaptiveCard, Action, GlobalRegistry, HostConfig, SerializationContext, Versions } = AdaptiveCards;

  // Outlook's own action, which the renderer does not bring: it looks like any other button.
  class HttpAction extends Action {
    getJsonTypeName() { return "Action.Http"; }
    execute() {}
  }
  GlobalRegistry.actions.register("Action.Http", HttpAction, Versions.v1_0);

  // Hosts bring their own Markdown; HTML is text to them, and a mention is drawn as one.
  const markdown = markdownit({ html: false });
  AdaptiveCard.onProcessMarkdown = (text, result) => {
    result.outputHtml = markdown.render(text).replace(/&lt;at&gt;(.*?)&lt;\/at&gt;/g, '<span class="mention">$1</span>');
    result.didProcess = true;
  };
  document.body.style.background = host.page;
  document.documentElement.style.setProperty("--accent", host.config.containerStyles.default.foregroundColors.accent.default);
  const frame = document.getElementById("frame");
  frame.style.width = `${host.width}px`;

  const drawing = new AdaptiveCard();
  drawing.hostConfig = new HostConfig(host.config);
  const context = new SerializationContext();
  drawing.parse(card, context);
  frame.replaceChildren(drawing.render());
  const events = [];
  for (let index = 0; index < context.eventCount; index += 1) events.push(context.getEventAt(index).message);
  return events;
}
