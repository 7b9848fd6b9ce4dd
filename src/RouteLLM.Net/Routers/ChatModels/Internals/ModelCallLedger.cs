using System.Diagnostics.Metrics;
using Microsoft.Extensions.AI;
using RouteLLM.Diagnostics;

namespace RouteLLM;

/// <summary>Counts the calls that a router makes to its model, and what they cost.</summary>
internal sealed class ModelCallLedger(string router, Action<ChatModelCall>? onCall)
{
    private const string ErrorType = "error.type";

    private static readonly Meter s_meter = new(RoutingTelemetryNames.Source);
    private static readonly Counter<long> s_calls = s_meter.CreateCounter<long>(RoutingTelemetryNames.RouterCalls, "{call}", "Calls that routers made to a model, by router and error type.");
    private static readonly Counter<long> s_tokens = s_meter.CreateCounter<long>(RoutingTelemetryNames.RouterTokens, "{token}", "Tokens of the calls that routers made to a model, by router and token type.");
    private static readonly Counter<long> s_fallbacks = s_meter.CreateCounter<long>(RoutingTelemetryNames.RouterFallbacks, "{fallback}", "Scores that were left to a fallback router, by router and error type.");

    private readonly UsageDetails _total = new();
    private long _calls;
    private long _failures;

    public ChatModelUsage Usage
    {
        get
        {
            var tokens = new UsageDetails();
            lock (_total)
            {
                tokens.Add(_total);
            }

            return new ChatModelUsage(Interlocked.Read(ref _calls), Interlocked.Read(ref _failures), tokens);
        }
    }

    public void Called(string? modelId, UsageDetails? usage, TimeSpan duration, Exception? error)
    {
        Interlocked.Increment(ref _calls);
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

        onCall?.Invoke(new ChatModelCall(router, modelId, usage, duration, error));
    }

    /// <param name="error">Why the model gave no score.</param>
    /// <param name="hasFallback">Whether another router is asked instead.</param>
    public void Failed(Exception error, bool hasFallback)
    {
        Interlocked.Increment(ref _failures);
        if (hasFallback)
        {
            s_fallbacks.Add(1, new(RoutingTelemetryNames.Router, router), new(ErrorType, error.GetType().FullName));
        }
    }
}
