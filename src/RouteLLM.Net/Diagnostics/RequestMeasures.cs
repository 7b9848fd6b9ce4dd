using System.Diagnostics;
using Microsoft.Extensions.AI;

namespace RouteLLM.Diagnostics;

/// <summary>What is measured of a request that is over.</summary>
internal static class RequestMeasures
{
    /// <summary>Adds a request to the metrics.</summary>
    public static void Record(RoutingInstruments instruments, RouteRecord record)
    {
        string route = RouteOf(record), status = StatusNames.Of(record.Status);
        TagList tags = new() { { RoutingTelemetryNames.Route, route } };
        TagList timeTags = tags;
        if (record.Outcome?.Deployment is { } deployment)
        {
            timeTags.Add(RoutingTelemetryNames.Deployment, deployment);
        }

        TagList firstTags = timeTags;
        timeTags.Add(RoutingTelemetryNames.Status, status);
        if (record.Request.Tenant is { } tenant)
        {
            tags.Add(RoutingTelemetryNames.Tenant, tenant);
        }

        RecordTokens(instruments, record, tags);
        if (record.Decision.Variant is { } variant)
        {
            tags.Add(RoutingTelemetryNames.Variant, variant);
        }

        RecordCost(instruments, record, tags);
        tags.Add(RoutingTelemetryNames.Status, status);
        instruments.Requests.Add(1, tags);
        instruments.RequestDuration.Record(record.Duration.TotalSeconds, timeTags);
        if (record.TimeToFirstUpdate is { } first)
        {
            instruments.TimeToFirstUpdate.Record(first.TotalSeconds, firstTags);
        }

        foreach (RouteSkip skip in record.Skips)
        {
            instruments.Skips.Add(1, new(RoutingTelemetryNames.Route, skip.Route), new(RoutingTelemetryNames.Cause, skip.Cause));
        }
    }

    /// <summary>Writes on the span what came of a request.</summary>
    public static void Tag(Activity activity, RouteRecord record)
    {
        activity.SetTag(RoutingTelemetryNames.Status, StatusNames.Of(record.Status));
        activity.SetTag(RoutingTelemetryNames.Attempts, record.Attempts.Count);
        activity.SetTag(RoutingTelemetryNames.Deployment, record.Outcome?.Deployment);
        activity.SetTag(RoutingTelemetryNames.Tenant, record.Request.Tenant);
        activity.SetTag(RoutingTelemetryNames.Variant, record.Decision.Variant);
        activity.SetTag(RoutingTelemetryNames.RequestCost, record.Cost is { } cost ? (double)cost : null);
        activity.SetTag("gen_ai.response.model", record.Outcome?.ModelId);
        if (!record.IsUsageEstimated)
        {
            activity.SetTag("gen_ai.usage.input_tokens", record.Usage?.InputTokenCount);
            activity.SetTag("gen_ai.usage.output_tokens", record.Usage?.OutputTokenCount);
        }

        foreach (DecisionStep step in record.Decision.Steps)
        {
            activity.AddEvent(new(RoutingTelemetryNames.StepEvent, tags: new() { [RoutingTelemetryNames.Stage] = step.Stage, [RoutingTelemetryNames.Detail] = step.Detail }));
        }

        foreach (RouteSkip skip in record.Skips)
        {
            activity.AddEvent(new(RoutingTelemetryNames.SkipEvent, tags: new() { [RoutingTelemetryNames.Route] = skip.Route, [RoutingTelemetryNames.Cause] = skip.Cause, [RoutingTelemetryNames.Detail] = skip.Detail }));
        }
    }

    /// <summary>Gives the route that answered, else the one that was called last, else the one that was chosen.</summary>
    public static string RouteOf(RouteRecord record) =>
        record.Outcome?.Route ?? (record.Attempts.Count > 0 ? record.Attempts[^1].Route : record.Decision.Routes[0].Name);

    /// <summary>Gives what the tokens of a request would cost on another route, or <see langword="null"/> if its price or the tokens are not known.</summary>
    public static decimal? CostOn(ModelRoute? route, UsageDetails? usage) => usage is null ? null : route?.Profile.Price?.CostOf(usage);

    private static void RecordTokens(RoutingInstruments instruments, RouteRecord record, in TagList tags)
    {
        // What came out of a cache was used when it went in.
        if (record.Usage is not { } usage || record.Status == RouteAttemptStatus.AnsweredFromCache || !instruments.Tokens.Enabled)
        {
            return;
        }

        TagList input = tags, output = tags;
        input.Add(RoutingTelemetryNames.TokenType, "input");
        output.Add(RoutingTelemetryNames.TokenType, "output");
        instruments.Tokens.Add(usage.InputTokenCount ?? 0, input);
        instruments.Tokens.Add(usage.OutputTokenCount ?? 0, output);
    }

    private static void RecordCost(RoutingInstruments instruments, RouteRecord record, in TagList tags)
    {
        if (record.Cost is not { } cost)
        {
            return;
        }

        // Telemetry has no decimals; the exact sums are the ledger's.
        instruments.Cost.Add((double)cost, tags);
        if (record.Status != RouteAttemptStatus.AnsweredFromCache && CostOn(record.Routes is [var strongest, ..] ? strongest : null, record.Usage) is { } strong)
        {
            instruments.CostAlwaysStrong.Add((double)strong, tags);
        }
    }
}
