using System.Runtime.CompilerServices;
using System.Text.Json;
using Microsoft.Extensions.AI;

namespace RouteLLM.Tests.Simulation;

/// <summary>A provider that answers each question by its own name and the question, says what that used, and fails as its <see cref="Chaos"/> says. It keeps no thread and hops to none.</summary>
internal sealed class SimulatedProvider(string name, Chaos chaos, int seed, TimeProvider clock, Journal journal) : IChatClient
{
    private readonly long _started = clock.GetTimestamp();
    private int _underWay;

    public string Name => name;

    /// <summary>Gets the number of calls that have not ended; a stream's end is its disposal.</summary>
    public int UnderWay => _underWay;

    /// <summary>Gives the answer of a provider to a question.</summary>
    public static string AnswerOf(string provider, string question) => $"{provider} answers {question}";

    /// <summary>Gives what an answer uses.</summary>
    public static UsageDetails UsageOf(string question) => new() { InputTokenCount = question.Length, OutputTokenCount = 3 + question.Length % 50, TotalTokenCount = question.Length + 3 + question.Length % 50 };

    public async Task<ChatResponse> GetResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        string question = messages.Last().Text;
        Interlocked.Increment(ref _underWay);
        try
        {
            await AskAsync(question, streaming: false, cancellationToken);
            return new(new ChatMessage(ChatRole.Assistant, AnswerOf(name, question))) { Usage = UsageOf(question), ModelId = name };
        }
        finally
        {
            Interlocked.Decrement(ref _underWay);
        }
    }

    public async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        string question = messages.Last().Text;
        Interlocked.Increment(ref _underWay);
        try
        {
            Fault fault = await AskAsync(question, streaming: true, cancellationToken);
            yield return new(ChatRole.Assistant, $"{name} answers ") { ModelId = name };
            await clock.WaitInlineAsync(fault == Fault.HangMidStream ? chaos.HangTime : chaos.Pause, cancellationToken);
            switch (fault)
            {
                case Fault.Reset:
                    throw new IOException("The connection was reset.");
                case Fault.MalformedMidStream:
                    throw new JsonException("'<' is an invalid start of a value.");
            }

            yield return new(ChatRole.Assistant, question);
            yield return new(ChatRole.Assistant, [new UsageContent(UsageOf(question))]);
        }
        finally
        {
            Interlocked.Decrement(ref _underWay);
        }
    }

    public object? GetService(Type serviceType, object? serviceKey = null) => null;

    public void Dispose()
    {
    }

    /// <summary>Waits, and fails or not.</summary>
    private async Task<Fault> AskAsync(string question, bool streaming, CancellationToken cancellationToken)
    {
        int times = journal.NoteCall(question, name, cancellationToken);
        var random = new Random(Seeds.Mix(seed, Seeds.Of(name), Seeds.Of(question), times));
        TimeSpan latency = chaos.Latency * -Math.Log(1 - random.NextDouble());
        Fault fault = IsDown() ? Fault.Refused : chaos.Draw(random, streaming);
        TimeSpan wait = fault switch
        {
            Fault.Hang or Fault.DeafHang => chaos.HangTime,
            Fault.Throttled or Fault.Refused => latency / 10,
            _ => latency,
        };
        await clock.WaitInlineAsync(wait, fault == Fault.DeafHang ? CancellationToken.None : cancellationToken);
        switch (fault)
        {
            case Fault.Throttled:
                var busy = new HttpRequestException("busy", null, System.Net.HttpStatusCode.TooManyRequests);
                busy.Data[FailoverErrors.RetryAfterKey] = chaos.RetryAfter;
                throw busy;
            case Fault.ServerError:
                throw new HttpRequestException("broken", null, random.Next(2) == 0 ? System.Net.HttpStatusCode.InternalServerError : System.Net.HttpStatusCode.ServiceUnavailable);
            case Fault.Refused:
                throw new HttpRequestException("connection refused");
            case Fault.Malformed:
                throw new JsonException("'<' is an invalid start of a value.");
            case Fault.BadRequest:
                throw new HttpRequestException("no such parameter", null, System.Net.HttpStatusCode.BadRequest);
        }

        return fault;
    }

    private bool IsDown() =>
        chaos.Outage > 0 && clock.GetElapsedTime(_started).Ticks % chaos.OutagePeriod.Ticks < chaos.Outage * chaos.OutagePeriod.Ticks;
}
