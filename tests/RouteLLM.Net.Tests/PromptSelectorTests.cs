using Microsoft.Extensions.AI;

namespace RouteLLM.Tests;

public class PromptSelectorTests
{
    private static readonly ChatMessage[] s_conversation =
    [
        new(ChatRole.System, "be kind"),
        new(ChatRole.User, "one"),
        new(ChatRole.Assistant, "two"),
        new(ChatRole.User, [new TextContent("th"), new DataContent(new byte[] { 1 }, "image/png"), new TextContent("ree")]),
    ];

    [Fact]
    public void Last_user_message_is_the_default_and_ignores_content_that_is_not_text() =>
        Assert.Equal("three", new RouteRequest(s_conversation).Prompt);

    [Theory]
    [InlineData(1, "three")]
    [InlineData(2, "two\nthree")]
    [InlineData(9, "one\ntwo\nthree")]
    public void Last_turns_takes_user_and_assistant(int count, string expected) =>
        Assert.Equal(expected, PromptSelector.LastTurns(count).SelectPrompt(s_conversation));

    [Fact]
    public void Whole_conversation_takes_every_role() =>
        Assert.Equal("be kind\none\ntwo\nthree", PromptSelector.WholeConversation.SelectPrompt(s_conversation));

    [Fact]
    public void A_delegate_chooses_for_itself() =>
        Assert.Equal("be kind", new RouteRequest(s_conversation, null, PromptSelector.Create(static messages => messages[0].Text)).Prompt);

    [Fact]
    public void A_conversation_without_text_has_no_text()
    {
        Assert.False(new RouteRequest([]).HasText);
        Assert.False(new RouteRequest([new(ChatRole.User, [new DataContent(new byte[] { 1 }, "image/png")])]).HasText);
        Assert.False(new RouteRequest([new(ChatRole.User, " \n")]).HasText);
    }
}
