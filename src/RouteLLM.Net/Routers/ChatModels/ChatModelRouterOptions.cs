using Microsoft.Extensions.AI;
using Microsoft.Extensions.Caching.Hybrid;

namespace RouteLLM;

/// <summary>What routers that ask a chat model have in common: a time limit, a cache, a fallback.</summary>
public class ChatModelRouterOptions
{
    /// <summary>Gets or sets how long the model may take for one prompt. The default is 3 seconds; <see cref="Timeout.InfiniteTimeSpan"/> sets no limit.</summary>
    public TimeSpan TimeLimit { get; set; } = TimeSpan.FromSeconds(3);

    /// <summary>
    /// Gets or sets where scores are kept, keyed by a hash of prompt, model and instruction, or <see langword="null"/> (the default) to ask for every request. With a cache, requests for the same prompt
    /// that come at once share one call.
    /// </summary>
    public HybridCache? Cache { get; set; }

    /// <summary>Gets or sets how long a score is kept, or <see langword="null"/> (the default) for what the cache's own options say.</summary>
    public HybridCacheEntryOptions? CacheEntry { get; set; }

    /// <summary>Gets or sets the router that is asked when the model fails, exceeds its time limit or answers with nonsense, or <see langword="null"/> (the default) to fail, so that the policy's fallback decides.</summary>
    public IRouter? Fallback { get; set; }

    /// <summary>Gets or sets how many characters of a prompt the model is shown; of a longer one the beginning and the end. The default is 4,000.</summary>
    public int MaxPromptLength { get; set; } = 4000;

    /// <summary>Gets or sets what else is set on the options of each call, such as the model id, or <see langword="null"/> for nothing.</summary>
    public Action<ChatOptions>? ConfigureOptions { get; set; }

    /// <summary>Gets or sets what is told of the usage of each call that reported it, or <see langword="null"/> for nothing. The totals are in <see cref="ChatModelRouter.Usage"/>.</summary>
    public Action<UsageDetails>? OnUsage { get; set; }

    internal virtual void Check()
    {
        if (TimeLimit <= TimeSpan.Zero && TimeLimit != Timeout.InfiniteTimeSpan)
        {
            throw new ArgumentException($"{nameof(TimeLimit)} is {TimeLimit}, but a time limit is positive; use Timeout.InfiniteTimeSpan for none.");
        }

        if (MaxPromptLength < 1)
        {
            throw new ArgumentException($"{nameof(MaxPromptLength)} is {MaxPromptLength}, but at least 1 character is needed.");
        }
    }
}
