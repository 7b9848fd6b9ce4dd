using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;
using RouteLLM.Tests.Simulation;

namespace RouteLLM.Tests.Resilience;

/// <summary>A model that does, call by call, what a script says, the last line again and again; never hops to another thread.</summary>
internal sealed class ScriptedClient(string name, TimeProvider clock, params ScriptedClient.Line[] lines) : IChatClient
{
    public int Calls { get; private set; }

    public int UnderWay { get; private set; }

    public List<string?> ModelIds { get; } = [];

    public bool Disposed { get; private set; }

    public static Line Answers { get; } = new();

    public static Line Fails(Exception error) => new() { Error = error };

    public static Line Fails(int status, TimeSpan? retryAfter = null)
    {
        var error = new HttpRequestException($"status {status}", null, (System.Net.HttpStatusCode)status);
        if (retryAfter is { } asked)
        {
            error.Data[FailoverErrors.RetryAfterKey] = asked;
        }

        return Fails(error);
    }

    public static Line Takes(double seconds) => new() { Delay = TimeSpan.FromSeconds(seconds) };

    public static Line Hangs(bool mindsToken) => new() { Delay = Timeout.InfiniteTimeSpan, MindsToken = mindsToken };

    public static Line BreaksOff(Exception error) => new() { BreakOff = error };

    public async Task<ChatResponse> GetResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        await PlayAsync(options, cancellationToken);
        return new(new ChatMessage(ChatRole.Assistant, $"{name} answers")) { ConversationId = $"conversation of {name}" };
    }

    public async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        Line line = await PlayAsync(options, cancellationToken);
        yield return new(ChatRole.Assistant, name) { ConversationId = $"conversation of {name}" };
        if (line.BreakOff is { } error)
        {
            throw error;
        }

        await WaitAsync(line.Pause, line.MindsToken, cancellationToken);
        yield return new(ChatRole.Assistant, " answers");
    }

    public object? GetService(Type serviceType, object? serviceKey = null) => null;

    public void Dispose() => Disposed = true;

    private async Task<Line> PlayAsync(ChatOptions? options, CancellationToken cancellationToken)
    {
        Line line = lines.Length == 0 ? Answers : lines[Math.Min(Calls, lines.Length - 1)];
        Calls++;
        ModelIds.Add(options?.ModelId);
        UnderWay++;
        try
        {
            await WaitAsync(line.Delay, line.MindsToken, cancellationToken);
            return line.Error is null ? line : throw line.Error;
        }
        finally
        {
            UnderWay--;
        }
    }

    private Task WaitAsync(TimeSpan delay, bool mindsToken, CancellationToken cancellationToken) =>
        clock.WaitInlineAsync(delay, mindsToken ? cancellationToken : CancellationToken.None);

    /// <summary>What one call does.</summary>
    public sealed record Line
    {
        public Exception? Error { get; init; }

        /// <summary>Gets the time to the response or the first update, or to the error.</summary>
        public TimeSpan Delay { get; init; }

        /// <summary>Gets the time between two updates.</summary>
        public TimeSpan Pause { get; init; }

        public bool MindsToken { get; init; } = true;

        /// <summary>Gets what a stream fails with after its first update.</summary>
        public Exception? BreakOff { get; init; }
    }
}
