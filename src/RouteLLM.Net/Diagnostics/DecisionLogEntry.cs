using System.Diagnostics;

namespace RouteLLM.Diagnostics;

/// <summary>What is kept of a request until it is written. It holds nothing of the messages but the prompt's text, which may be large, but no images or answers, which are.</summary>
internal sealed class DecisionLogEntry
{
    public DecisionLogEntry(RouteRecord record, DecisionLogOptions options)
    {
        Time = record.Time;
        Route = RequestMeasures.RouteOf(record);
        Decision = record.Decision;
        Status = record.Status;
        Deployment = record.Outcome?.Deployment;
        Model = record.Outcome?.ModelId;
        Prompt = record.Request.Prompt;
        IncludesPrompt = options.IncludePrompts && record.EnableSensitiveData;
        Cluster = record.Request.Cluster;
        Tenant = record.Request.Tenant;
        Attempts = record.Attempts;
        Skips = record.Skips;
        InputTokens = record.Usage?.InputTokenCount;
        CachedInputTokens = record.Usage?.CachedInputTokenCount;
        OutputTokens = record.Usage?.OutputTokenCount;
        IsUsageEstimated = record.IsUsageEstimated;
        Cost = record.Cost;
        Latency = record.Duration;
        TimeToFirstUpdate = record.TimeToFirstUpdate;
        ErrorType = record.Error?.GetType().FullName;
        TraceId = Activity.Current?.TraceId;
    }

    /// <summary>Initializes a new instance of the <see cref="DecisionLogEntry"/> class that stands for no decision: when its turn comes, all before it are written.</summary>
    public DecisionLogEntry(TaskCompletionSource written) => Written = written;

    public TaskCompletionSource? Written { get; }

    public DateTimeOffset Time { get; }

    public string Route { get; } = "";

    public RouteDecision Decision { get; } = null!;

    public RouteAttemptStatus Status { get; }

    public string? Deployment { get; }

    public string? Model { get; }

    public string Prompt { get; } = "";

    public bool IncludesPrompt { get; }

    public int? Cluster { get; }

    public string? Tenant { get; }

    public IReadOnlyList<RouteAttempt> Attempts { get; } = [];

    public IReadOnlyList<RouteSkip> Skips { get; } = [];

    public long? InputTokens { get; }

    public long? CachedInputTokens { get; }

    public long? OutputTokens { get; }

    public bool IsUsageEstimated { get; }

    public decimal? Cost { get; }

    public TimeSpan Latency { get; }

    public TimeSpan? TimeToFirstUpdate { get; }

    public string? ErrorType { get; }

    public ActivityTraceId? TraceId { get; }

    /// <summary>Gets or sets how good the answer was found to be, if that is known by the time it is written.</summary>
    public double? Reward { get; set; }
}
