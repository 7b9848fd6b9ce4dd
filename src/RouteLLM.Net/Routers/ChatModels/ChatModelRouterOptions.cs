using Microsoft.Extensions.AI;
using Microsoft.Extensions.Caching.Hybrid;

namespace RouteLLM;

/// <summary>Options common to routers that ask a chat model; read once, when the router is made.</summary>
public abstract class ChatModelRouterOptions
{
    private protected ChatModelRouterOptions()
    {
    }

    /// <summary>Gets or sets what else is set on the options of each call: the model id, more output tokens, whatever the provider needs. The default is <see langword="null"/>, for nothing.</summary>
    /// <remarks>It is called once, when the router is made, with the options that the router sends by itself, and may change those too; every call gets a clone.</remarks>
    public Action<ChatOptions>? ConfigureOptions { get; set; }

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
    public HybridCacheEntryOptions? CacheEntry { get; set; }

    /// <summary>Gets or sets about how many scores the router's own cache holds when there is no <see cref="Cache"/>: at least 0, for no cache. The default is 10,000, some 2 MB.</summary>
    public int CacheCapacity { get; set; } = 10_000;

    /// <summary>Gets or sets how much of a prompt the model reads, in UTF-16 units, at least 64. The default is 4,000. Of a longer prompt it reads the beginning and the end, in equal parts.</summary>
    public int MaxPromptLength { get; set; } = 4000;

    /// <summary>Gets or sets how many prompts of a batch are scored at the same time, at least 1. The default is 8.</summary>
    public int MaxConcurrency { get; set; } = 8;

    /// <summary>Gets or sets the quantiles of the router's scores over some traffic, so that a strong share can be asked for. The default is <see langword="null"/>.</summary>
    public ScoreQuantiles? Quantiles { get; set; }

    /// <summary>Gets or sets what is told of each call to the model once it ended, well or badly: to count its cost, for instance. The totals are in <see cref="ChatModelRouter.Usage"/>.</summary>
    /// <remarks>It may be called from many threads at once. What it throws is taken for a failure of the call.</remarks>
    public Action<ChatModelCall>? OnCall { get; set; }

    /// <summary>Throws if something is wrong with these options.</summary>
    internal virtual void Validate()
    {
        if (TimeLimit <= TimeSpan.Zero && TimeLimit != Timeout.InfiniteTimeSpan)
        {
            throw new ArgumentException($"{nameof(TimeLimit)} is {TimeLimit}, but a time limit is positive; use Timeout.InfiniteTimeSpan for none.");
        }

        if (CacheCapacity < 0)
        {
            throw new ArgumentException($"{nameof(CacheCapacity)} is {CacheCapacity}, but a cache holds at least 0 scores, for no cache.");
        }

        if (MaxPromptLength < 64)
        {
            throw new ArgumentException($"{nameof(MaxPromptLength)} is {MaxPromptLength}, but the model must read at least 64 characters to tell anything.");
        }

        if (MaxConcurrency < 1)
        {
            throw new ArgumentException($"{nameof(MaxConcurrency)} is {MaxConcurrency}, but at least 1 prompt is scored at a time.");
        }
    }
}
