using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;
using RouteLLM.Diagnostics;

namespace RouteLLM.Tests.Contracts;

/// <summary>Many callers at once, through routers and models that yield, fail and are cancelled at every turn: every call is accounted for, exactly.</summary>
public class ChaosAccountingTests
{
    private const int Callers = 64;
    private const int CallsPerCaller = 1_563;

    /// <summary>Where the caller cancels.</summary>
    private enum Moment
    {
        Never,
        Before,
        InTheRouter,
        InTheFirstModel,
        WhileFailingOver,
        AfterTheFirstUpdate,
    }

    [Fact]
    public async Task A_hundred_thousand_calls_are_answered_each_by_its_own_and_every_attempt_is_told_of()
    {
        var books = new ConcurrentDictionary<string, Plan>();
        ChaosModel strong = new("strong", books), weak = new("weak", books);
        var router = new FakeRouter(async (request, cancellationToken) =>
        {
            Plan plan = books[request.Prompt];
            if (plan.RouterYields)
            {
                await Task.Yield();
            }

            plan.CancelAt(Moment.InTheRouter);
            return plan.RouterFails ? throw new InvalidOperationException("the router fails") : plan.WinProbability;
        });
        using var meters = new Meters();
        using var metrics = new Metrics(meters);
        using var client = new RoutedChatClient(
            strong,
            weak,
            router,
            new()
            {
                Threshold = 0.4,
                RouterFallback = RouterFallback.Weak,
                ShouldFailOver = error =>
                {
                    if (error.Data["plan"] is Plan plan)
                    {
                        plan.CancelAt(Moment.WhileFailingOver);
                    }

                    return FailoverErrors.IsCurable(error);
                },
            },
            meterFactory: meters);
        var ends = new ConcurrentDictionary<string, int>();

        await Task.WhenAll(Enumerable.Range(0, Callers).Select(caller => Task.Run(async () =>
        {
            for (int call = 0; call < CallsPerCaller; call++)
            {
                using var source = new CancellationTokenSource();
                string question = $"question {caller}/{call}";
                var plan = new Plan(new Random(HashCode(caller, call)), source);
                books[question] = plan;
                ends.AddOrUpdate(await AskAsync(client, question, plan, source.Token), 1, (_, count) => count + 1);
            }
        })));

        Plan[] plans = [.. books.Values];
        Assert.Equal(Callers * CallsPerCaller, plans.Length);
        Assert.Equal(plans.Length, ends.Values.Sum());
        Assert.All(["answered", "rescued", "refused", "both failed", "broken off", "left early", "cancelled"], end => Assert.True(ends.GetValueOrDefault(end) > 100, $"{end}: {ends.GetValueOrDefault(end)}"));

        // Every call of a model is one that its question's outcome or exception was compared with, or that a cancellation ended.
        Assert.Equal(plans.Sum(plan => plan.Asked.Count), strong.Calls + weak.Calls);
        Assert.All(plans, plan => Assert.Equal(plan.Asked.Count, plan.Asked.Distinct().Count()));
        Assert.Equal(0, plans.Sum(plan => plan.AskedAfterCancellation));
        Assert.Equal(0, strong.OpenStreams + weak.OpenStreams);

        // And so say the metrics. A router that awaits may have been done before anyone waited for it, and then its cancelled request was decided nevertheless.
        int decided = plans.Count(plan => plan.WasDecided == true);
        Assert.InRange(metrics[RoutingTelemetryNames.Decisions], decided, decided + plans.Count(plan => plan.WasDecided is null));
        Assert.Equal(plans.Count(plan => plan.Asked.Count == 2), metrics[RoutingTelemetryNames.Failovers]);
        Assert.Equal(plans.Count(plan => plan.RouterFails && plan.WasDecided == true), metrics[RoutingTelemetryNames.RouterFailures]);
    }

    private static async Task<string> AskAsync(RoutedChatClient client, string question, Plan plan, CancellationToken cancellationToken)
    {
        plan.CancelAt(Moment.Before);
        try
        {
            if (!plan.Streaming)
            {
                return Check(await client.GetResponseAsync(question, cancellationToken: cancellationToken), question, plan);
            }

            var updates = new List<ChatResponseUpdate>();
            await foreach (ChatResponseUpdate update in client.GetStreamingResponseAsync(question, cancellationToken: cancellationToken))
            {
                updates.Add(update);
                plan.CancelAt(Moment.AfterTheFirstUpdate);
                if (plan.LeavesEarly)
                {
                    Assert.Equal(plan.Asked, updates[0].GetRouteOutcome()!.Attempts.Select(attempt => attempt.Route));
                    return "left early";
                }
            }

            return Check(updates.ToChatResponse(), question, plan);
        }
        catch (OperationCanceledException error) when (cancellationToken.IsCancellationRequested)
        {
            Assert.Equal(cancellationToken, error.CancellationToken);
            return "cancelled";
        }
        catch (RoutesFailedException error)
        {
            Assert.Equal(plan.Asked, error.Attempts.Select(attempt => attempt.Route));
            return "both failed";
        }
        catch (IncurableException error)
        {
            Assert.Equal(question, error.Message);
            Assert.Single(plan.Asked);
            return "refused";
        }
        catch (IOException error)
        {
            Assert.Equal(question, error.Message);
            Assert.True(plan.Streaming);
            return "broken off";
        }
    }

    private static string Check(ChatResponse response, string question, Plan plan)
    {
        RouteOutcome outcome = response.GetRouteOutcome()!;
        Assert.Equal($"{outcome.Route} answers {question}", response.Text);
        Assert.Equal(plan.Asked, outcome.Attempts.Select(attempt => attempt.Route));
        Assert.Equal(plan.RouterFails ? null : plan.WinProbability, outcome.WinProbability);
        Assert.Equal(!plan.RouterFails && plan.WinProbability >= 0.4 ? "strong" : "weak", outcome.Attempts[0].Route);
        return outcome.FailedOver ? "rescued" : "answered";
    }

    /// <summary>A seed that is the same in every run.</summary>
    private static int HashCode(int caller, int call) => unchecked((caller * 1_000_003) + (call * 7_919) + 12_345);

    private sealed class IncurableException(string message) : Exception(message);

    /// <summary>What is to happen to one call, and what happened.</summary>
    private sealed class Plan(Random random, CancellationTokenSource source)
    {
        private readonly Moment _moment = random.Next(6) == 0 ? (Moment)random.Next(6) : Moment.Never;

        public bool Streaming { get; } = random.Next(2) == 0;

        public bool LeavesEarly { get; } = random.Next(20) == 0;

        public bool RouterYields { get; } = random.Next(3) == 0;

        public bool RouterFails { get; } = random.Next(50) == 0;

        public double WinProbability { get; } = random.NextDouble();

        /// <summary>Gets what each model does: fails in this way or that if below some number.</summary>
        public int[] Behaviour { get; } = [random.Next(100), random.Next(100)];

        public int Yields { get; } = random.Next(4);

        /// <summary>Gets the names of the models asked, in order; one call asks one after the other.</summary>
        public List<string> Asked { get; } = [];

        public int AskedAfterCancellation { get; private set; }

        /// <summary>Gets a value indicating whether the request got as far as a decision, or <see langword="null"/> if that depends on who was faster.</summary>
        public bool? WasDecided => _moment switch
        {
            Moment.Before => false,
            Moment.InTheRouter when RouterFails => false,
            Moment.InTheRouter when RouterYields => null,
            _ => true,
        };

        public void CancelAt(Moment moment)
        {
            if (_moment == moment)
            {
                source.Cancel();
            }
        }

        public void Ask(string model)
        {
            AskedAfterCancellation += source.IsCancellationRequested ? 1 : 0;
            Asked.Add(model);
        }
    }

    /// <summary>A model that hops between threads and fails by plan.</summary>
    private sealed class ChaosModel(string name, ConcurrentDictionary<string, Plan> books) : IChatClient
    {
        private int _calls;
        private int _openStreams;

        public int Calls => _calls;

        public int OpenStreams => _openStreams;

        public async Task<ChatResponse> GetResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
        {
            string question = messages.Single().Text;
            await WorkAsync(question, cancellationToken);
            return new ChatResponse(new ChatMessage(ChatRole.Assistant, $"{name} answers {question}"));
        }

        public async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
            IEnumerable<ChatMessage> messages, ChatOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
        {
            string question = messages.Single().Text;
            Interlocked.Increment(ref _openStreams);
            try
            {
                Plan plan = await WorkAsync(question, cancellationToken);
                yield return new ChatResponseUpdate(ChatRole.Assistant, $"{name} answers ");
                await Task.Yield();
                cancellationToken.ThrowIfCancellationRequested();
                if (plan.Behaviour[name == "strong" ? 0 : 1] > 95)
                {
                    throw new IOException(question);
                }

                yield return new ChatResponseUpdate(ChatRole.Assistant, question);
            }
            finally
            {
                await Task.Yield();
                Interlocked.Decrement(ref _openStreams);
            }
        }

        public object? GetService(Type serviceType, object? serviceKey = null) => null;

        public void Dispose()
        {
        }

        private async Task<Plan> WorkAsync(string question, CancellationToken cancellationToken)
        {
            Plan plan = books[question];
            plan.Ask(name);
            Interlocked.Increment(ref _calls);
            for (int i = 0; i < plan.Yields; i++)
            {
                await Task.Yield();
            }

            plan.CancelAt(Moment.InTheFirstModel);
            cancellationToken.ThrowIfCancellationRequested();
            Exception? error = plan.Behaviour[name == "strong" ? 0 : 1] switch
            {
                < 6 => new HttpRequestException("unreachable"),
                < 10 => new TaskCanceledException("a time-out of the client's own", new TimeoutException()),
                < 13 => new IncurableException(question),
                _ => null,
            };
            if (error is not null)
            {
                error.Data["plan"] = plan;
                throw error;
            }

            return plan;
        }
    }

    /// <summary>Sums up what the instruments of one meter count.</summary>
    private sealed class Metrics : IDisposable
    {
        private readonly ConcurrentDictionary<string, long> _sums = new();
        private readonly MeterListener _listener = new();

        public Metrics(Meters meters)
        {
            _listener.InstrumentPublished = (instrument, listener) =>
            {
                if (ReferenceEquals(instrument.Meter.Scope, meters))
                {
                    listener.EnableMeasurementEvents(instrument);
                }
            };
            _listener.SetMeasurementEventCallback<long>((instrument, value, _, _) => _sums.AddOrUpdate(instrument.Name, value, (_, sum) => sum + value));
            _listener.Start();
        }

        public long this[string instrument] => _sums.GetValueOrDefault(instrument);

        public void Dispose() => _listener.Dispose();
    }

    /// <summary>Makes meters of this test's own, apart from those of tests that run at the same time.</summary>
    private sealed class Meters : IMeterFactory
    {
        private readonly List<Meter> _meters = [];

        public Meter Create(MeterOptions options)
        {
            options.Scope = this;
            var meter = new Meter(options);
            _meters.Add(meter);
            return meter;
        }

        public void Dispose() => _meters.ForEach(meter => meter.Dispose());
    }
}
