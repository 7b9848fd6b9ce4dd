using Microsoft.Extensions.AI;

namespace RouteLLM.Tests.ChatModels;

/// <summary>Chat clients that answer as judges and drafters do.</summary>
internal static class Judging
{
    /// <summary>A judge that finds every prompt equally difficult.</summary>
    public static TestChatClient Difficulty(int difficulty) => Saying($$"""{"difficulty": {{difficulty}}}""");

    /// <summary>A model that says the texts in turn, and then the last one again and again.</summary>
    public static TestChatClient Saying(params string[] texts)
    {
        int next = -1;
        return new TestChatClient { OnResponse = (_, _, _) => Task.FromResult(Answer(texts[Math.Min(Interlocked.Increment(ref next), texts.Length - 1)])) };
    }

    /// <summary>A judge that answers when told to; it goes on waiting when its token is cancelled only if <paramref name="obedient"/> is false.</summary>
    public static TestChatClient Waiting(TaskCompletionSource<string> answer, TaskCompletionSource? asked = null, bool obedient = true) => new()
    {
        OnResponse = async (_, _, token) =>
        {
            asked?.TrySetResult();
            return Answer(await (obedient ? answer.Task.WaitAsync(token) : answer.Task));
        },
    };

    public static ChatResponse Answer(string text, long? inputTokens = null, long? outputTokens = null) => new(new ChatMessage(ChatRole.Assistant, text))
    {
        Usage = inputTokens is null ? null : new UsageDetails { InputTokenCount = inputTokens, OutputTokenCount = outputTokens },
    };
}
