using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;

namespace RouteLLM.Tests;

public class ChaosTests
{
    private const int Callers = 64;
    private const int CallsPerCaller = 1600;

    [Fact]
    public async Task Sixty_four_callers_and_a_hundred_thousand_calls_lose_and_mix_up_nothing()
    {
        var strong = new ChaosClient("strong");
        var weak = new ChaosClient("weak");
        var router = new FakeRouter(async (request, cancellationToken) =>
        {
            int hash = Hash(request.Prompt, 7);
            if (hash % 3 == 0)
            {
                await Task.Yield();
            }

            return hash % 50 == 0 ? throw new InvalidOperationException("the router fails") : hash % 100 / 100.0;
        });
        using var client = new RoutedChatClient(strong, weak, router, new() { Threshold = 0.4 });
        var tally = new ConcurrentDictionary<string, int>();
        int attempts = 0;
        int requests = 0;

        await Task.WhenAll(Enumerable.Range(0, Callers).Select(caller => Task.Run(async () =>
        {
            for (int call = 0; call < CallsPerCaller; call++)
            {
                string question = $"question {caller}/{call}";
                using var source = new CancellationTokenSource();
                bool cancel = Hash(question, 11) % 40 == 0;
                Interlocked.Increment(ref requests);
                string end;
                try
                {
                    ChatResponse response = await AskAsync(client, question, streaming: call % 2 == 1, cancel ? source : null, source.Token);
                    RouteOutcome outcome = response.GetRouteOutcome()!;
                    Assert.Equal($"{outcome.Route} answers {question}", response.Text);
                    Assert.Equal(outcome.Attempts.Count, outcome.Attempts.Select(attempt => attempt.Route).Distinct().Count());
                    Interlocked.Add(ref attempts, outcome.Attempts.Count);
                    end = outcome.FailedOver ? "failed over" : "answered";
                }
                catch (RoutesFailedException error)
                {
                    Assert.Equal(2, error.Attempts.Select(attempt => attempt.Route).Distinct().Count());
                    Interlocked.Add(ref attempts, 2);
                    end = "both failed";
                }
                catch (OperationCanceledException error) when (error.CancellationToken == source.Token)
                {
                    Assert.True(cancel);
                    end = "cancelled";
                }
                catch (IncurableException error)
                {
                    Assert.Equal(question, error.Message);
                    Interlocked.Increment(ref attempts);
                    end = "refused";
                }
                catch (IOException error)
                {
                    // Broke off after output began: no one else was asked.
                    Assert.Equal(question, error.Message);
                    end = "broken off";
                }

                tally.AddOrUpdate(end, 1, (_, count) => count + 1);
            }
        })));

        Assert.Equal(Callers * CallsPerCaller, requests);
        Assert.Equal(requests, tally.Values.Sum());
        Assert.All(["answered", "failed over", "both failed", "cancelled", "refused", "broken off"], end => Assert.True(tally.GetValueOrDefault(end) > 100, $"{end}: {tally.GetValueOrDefault(end)}"));

        // Calls that ended in cancellation or broke off made attempts of their own; all others are told of in outcomes and exceptions.
        int untold = strong.Calls + weak.Calls - attempts;
        Assert.InRange(untold, tally["broken off"], tally["broken off"] * 2 + tally["cancelled"] * 2);
        Assert.Equal(0, strong.OpenStreams + weak.OpenStreams);
        Assert.Equal(0, strong.Mismatches + weak.Mismatches);
    }

    private static async Task<ChatResponse> AskAsync(RoutedChatClient client, string question, bool streaming, CancellationTokenSource? cancel, CancellationToken cancellationToken)
    {
        var options = new ChatOptions { AdditionalProperties = new() { ["question"] = question } };
        if (!streaming)
        {
            Task<ChatResponse> call = client.GetResponseAsync(question, options, cancellationToken);
            cancel?.Cancel();
            return await call;
        }

        var updates = new List<ChatResponseUpdate>();
        await foreach (ChatResponseUpdate update in client.GetStreamingResponseAsync(question, options, cancellationToken))
        {
            updates.Add(update);
            cancel?.Cancel();
        }

        return updates.ToChatResponse();
    }

    /// <summary>A hash that is the same in every run.</summary>
    private static int Hash(string text, uint seed)
    {
        uint hash = 2166136261 ^ seed;
        foreach (char c in text)
        {
            hash = (hash ^ c) * 16777619;
        }

        hash ^= hash >> 15;
        return (int)((hash * 0x2C1B3C6Du) >> 4);
    }

    private sealed class IncurableException(string message) : Exception(message);

    /// <summary>A model that answers, yields, and fails in all the ways there are, decided by the question and its own name.</summary>
    private sealed class ChaosClient(string name) : IChatClient
    {
        private int _calls;
        private int _openStreams;
        private int _mismatches;

        public int Calls => _calls;

        public int OpenStreams => _openStreams;

        public int Mismatches => _mismatches;

        public async Task<ChatResponse> GetResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
        {
            string question = Begin(messages, options);
            await MisbehaveAsync(question, cancellationToken);
            return new ChatResponse(new ChatMessage(ChatRole.Assistant, $"{name} answers {question}"));
        }

        public async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
            IEnumerable<ChatMessage> messages, ChatOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
        {
            string question = Begin(messages, options);
            Interlocked.Increment(ref _openStreams);
            try
            {
                await MisbehaveAsync(question, cancellationToken);
                yield return new ChatResponseUpdate(ChatRole.Assistant, $"{name} answers ");
                await Task.Yield();
                cancellationToken.ThrowIfCancellationRequested();
                if (Hash(question + name, 5) % 25 == 0)
                {
                    throw new IOException(question);
                }

                yield return new ChatResponseUpdate(ChatRole.Assistant, question);
            }
            finally
            {
                Interlocked.Decrement(ref _openStreams);
            }
        }

        public object? GetService(Type serviceType, object? serviceKey = null) => null;

        public void Dispose()
        {
        }

        private string Begin(IEnumerable<ChatMessage> messages, ChatOptions? options)
        {
            Interlocked.Increment(ref _calls);
            string question = messages.Single().Text;
            if (options?.AdditionalProperties?["question"] as string != question)
            {
                Interlocked.Increment(ref _mismatches);
            }

            // What one attempt does to its options is no other's business.
            options!.AdditionalProperties!["question"] = name;
            return question;
        }

        private async Task MisbehaveAsync(string question, CancellationToken cancellationToken)
        {
            int hash = Hash(question + name, 3);
            for (int i = 0; i < hash % 4; i++)
            {
                await Task.Yield();
            }

            cancellationToken.ThrowIfCancellationRequested();
            switch (hash % 60)
            {
                case < 6:
                    throw new HttpRequestException("unreachable");
                case < 10:
                    throw new TaskCanceledException("a time-out of the client's own", new TimeoutException());
                case < 12:
                    throw new IncurableException(question);
                default:
                    return;
            }
        }
    }
}
