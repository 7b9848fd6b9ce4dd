using Microsoft.Extensions.AI;

namespace RouteLLM.Tests;

public class TokenCounterTests
{
    [Theory]
    [InlineData("", 0)]
    [InlineData("a", 1)]
    [InlineData("four", 1)]
    [InlineData("fives", 2)]
    [InlineData("こんにちは", 5)]
    [InlineData("한국어 abcd", 5)]
    public void Texts_are_estimated_by_script(string text, int expected) => Assert.Equal(expected, TokenCounter.Estimate.Count(text));

    [Fact]
    public void A_request_counts_messages_instructions_tools_and_media()
    {
        TokenCounter words = TokenCounter.Create(text => text.Split(' ').Length);
        ChatMessage[] messages = [new(ChatRole.User, [new TextContent("two words"), new DataContent(new byte[] { 1 }, "image/png")])];
        long bare = words.Count(messages);

        Assert.Equal(4 + 2 + 1_000, bare);
        Assert.Equal(bare + 3, words.Count(messages, new ChatOptions { Instructions = "three more words" }));
        Assert.True(words.Count(messages, new ChatOptions { Tools = [AIFunctionFactory.Create((int day) => day, "weather", "Tells the weather of a day.")] }) > bare + 6);
    }
}
