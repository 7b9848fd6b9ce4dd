using Microsoft.Extensions.AI;

namespace RouteLLM;

/// <summary>One call that a router made to its model.</summary>
public sealed class ChatModelCall
{
    internal ChatModelCall(string router, string? modelId, UsageDetails? usage, TimeSpan duration, Exception? error)
    {
        Router = router;
        ModelId = modelId;
        Usage = usage;
        Duration = duration;
        Error = error;
    }

    /// <summary>Gets the router's name.</summary>
    public string Router { get; }

    /// <summary>Gets the model as its answer names it, else as it was asked for, or <see langword="null"/> if neither does.</summary>
    public string? ModelId { get; }

    /// <summary>Gets the tokens used, or <see langword="null"/> if the provider does not tell or the call failed.</summary>
    public UsageDetails? Usage { get; }

    /// <summary>Gets how long the call took.</summary>
    public TimeSpan Duration { get; }

    /// <summary>Gets why the call failed, or <see langword="null"/> if there was an answer, be it nonsense.</summary>
    public Exception? Error { get; }
}
