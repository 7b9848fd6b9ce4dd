using System.Diagnostics.Metrics;
using Microsoft.Extensions.AI;
using RouteLLM.Diagnostics;

namespace RouteLLM;

/// <summary>Counts the calls that a router makes to its model, and what they cost.</summary>
internal sealed class ModelCallLedger(string router, Action<ChatModelRouterCall>? modelCalled)
{
    private const string ErrorType = "error.type";

    private static readonly Meter s_meter = new(RoutingTelemetryNames.Source);
    private static readonly Counter<long> s_calls = s_meter.CreateCounter<long>("routellm.router.calls", "{call}", "Calls that routers made to a model, by router and error type.");
    private static readonly Counter<long> s_tokens = s_meter.CreateCounter<long>("routellm.router.tokens", "{token}", "Tokens of the calls that routers made to a model, by router and token type.");
    private static readonly Counter<long> s_fallbacks = s_meter.CreateCounter<long>("routellm.router.fallbacks", "{fallback}", "Scores that were left to a fallback router, by router and error type.");

    private readonly UsageDetails _total = new();
    private long _callCount;
    private long _fallbackCount;

    public long CallCount => Interlocked.Read(ref _callCount);

    public long FallbackCount => Interlocked.Read(ref _fallbackCount);

    public UsageDetails TotalUsage
    {
        get
        {
            var copy = new UsageDetails();
            lock (_total)
            {
                copy.Add(_total);
            }

            return copy;
        }
    }

    public void Called(string? modelId, UsageDetails? usage, TimeSpan duration, Exception? error)
    {
        Interlocked.Increment(ref _callCount);
        s_calls.Add(1, new(RoutingTelemetryNames.Router, router), new(ErrorType, error?.GetType().FullName));
        if (usage is not null)
        {
            lock (_total)
            {
                _total.Add(usage);
            }

            s_tokens.Add(usage.InputTokenCount ?? 0, new(RoutingTelemetryNames.Router, router), new("gen_ai.token.type", "input"));
            s_tokens.Add(usage.OutputTokenCount ?? 0, new(RoutingTelemetryNames.Router, router), new("gen_ai.token.type", "output"));
        }

        modelCalled?.Invoke(new ChatModelRouterCall(router, modelId, usage, duration, error));
    }

    public void FellBack(Exception error)
    {
        Interlocked.Increment(ref _fallbackCount);
        s_fallbacks.Add(1, new(RoutingTelemetryNames.Router, router), new(ErrorType, error.GetType().FullName));
    }
}
