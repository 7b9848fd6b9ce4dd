using Microsoft.Extensions.AI;
using Microsoft.Extensions.Caching.Hybrid;

namespace RouteLLM;

/// <summary>Options common to routers that ask a chat model; read once, when the router is made.</summary>
public abstract class ChatModelRouterOptions
{
    private protected ChatModelRouterOptions(string name, ChatOptions chatOptions)
    {
        Name = name;
        ChatOptions = chatOptions;
    }

    /// <summary>Gets or sets the router's name, as telemetry tells it: without white space.</summary>
    public string Name { get; set; }

    /// <summary>Gets or sets what is sent to the model with each call: model id, limits, whatever its provider needs. A clone is sent.</summary>
    public ChatOptions ChatOptions { get; set; }

    /// <summary>Gets or sets how long a score may take. The default is 3 seconds; <see cref="Timeout.InfiniteTimeSpan"/> sets no limit.</summary>
    /// <remarks>
    /// Keep it below the <see cref="TwoModelRoutingOptions.RouterTimeout"/> of whoever asks (5 seconds by default), or the fallback is never reached. A call that nobody waits for any more is cancelled.
    /// </remarks>
    public TimeSpan TimeLimit { get; set; } = TimeSpan.FromSeconds(3);

    /// <summary>Gets or sets the router to ask when the model fails, exceeds the time limit or answers nonsense.</summary>
    /// <remarks>
    /// The default is <see langword="null"/>: the failure is the router's, and whoever asked decides, as <see cref="TwoModelRoutingOptions.RouterFallback"/> does. The fallback's score meets the same threshold as
    /// the router's own, so it should mean the same. A failure is never cached, and the fallback's score neither.
    /// </remarks>
    public IRouter? Fallback { get; set; }

    /// <summary>Gets or sets a cache to share scores in, within a process, or between several and across restarts. The default is <see langword="null"/>: a cache of the router's own, in memory.</summary>
    /// <remarks>
    /// Keys are hashes of the prompt, the model and all that the score depends on; values are numbers as text. Neither holds anything of the prompt. A router that is asked differently (another model, other instructions) never
    /// sees the scores of before.
    /// </remarks>
    public HybridCache? Cache { get; set; }

    /// <summary>Gets or sets how long entries of <see cref="Cache"/> live; the cache's own default if <see langword="null"/>.</summary>
    public HybridCacheEntryOptions? CacheEntryOptions { get; set; }

    /// <summary>Gets or sets about how many scores the router's own cache holds when there is no <see cref="Cache"/>: at least 0, for no cache. The default is 10,000, some 2 MB.</summary>
    public int CacheCapacity { get; set; } = 10_000;

    /// <summary>Gets or sets how much of a prompt the model reads, in UTF-16 units, at least 64. The default is 4,000. Of a longer prompt it reads the beginning and the end, in equal parts.</summary>
    public int MaxPromptLength { get; set; } = 4000;

    /// <summary>Gets or sets how many prompts of a batch are scored at the same time, at least 1. The default is 8.</summary>
    public int MaxConcurrency { get; set; } = 8;

    /// <summary>Gets or sets the quantiles of the router's scores over some traffic, so that a strong share can be asked for. The default is <see langword="null"/>.</summary>
    public ScoreQuantiles? Quantiles { get; set; }

    /// <summary>Gets or sets what is told of each call to the model once it ended, well or badly: to count its cost, for instance.</summary>
    /// <remarks>It may be called from many threads at once. What it throws is taken for a failure of the call.</remarks>
    public Action<ChatModelRouterCall>? ModelCalled { get; set; }

    /// <summary>Gets or sets the clock of the time limit and of durations. The default is the system's.</summary>
    public TimeProvider TimeProvider { get; set; } = TimeProvider.System;

    /// <summary>Throws if something is wrong with these options.</summary>
    internal virtual void Validate()
    {
        if (string.IsNullOrEmpty(Name) || Name.Any(char.IsWhiteSpace))
        {
            throw new ArgumentException($"Name is '{Name}', but a router's name is not empty and has no white space.");
        }

        ArgumentNullException.ThrowIfNull(ChatOptions);
        ArgumentNullException.ThrowIfNull(TimeProvider);
        if (TimeLimit <= TimeSpan.Zero && TimeLimit != Timeout.InfiniteTimeSpan)
        {
            throw new ArgumentException($"TimeLimit is {TimeLimit}, but a time limit is positive; use Timeout.InfiniteTimeSpan for none.");
        }

        ArgumentOutOfRangeException.ThrowIfNegative(CacheCapacity);
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxPromptLength, 64);
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxConcurrency, 1);
    }
}
