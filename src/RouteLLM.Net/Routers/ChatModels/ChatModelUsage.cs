using Microsoft.Extensions.AI;

namespace RouteLLM;

/// <summary>What a router that asks a chat model has used so far: a copy, which does not change any more.</summary>
public sealed class ChatModelUsage
{
    internal ChatModelUsage(long calls, long failures, UsageDetails tokens)
    {
        Calls = calls;
        Failures = failures;
        Tokens = tokens;
    }

    /// <summary>Gets how many calls of the model have ended, well or badly.</summary>
    public long Calls { get; }

    /// <summary>Gets how many predictions got no score from the model, because it failed, exceeded the time limit or made no sense; the fallback router answered them if there is one.</summary>
    public long Failures { get; }

    /// <summary>Gets the tokens used, as far as the provider told.</summary>
    public UsageDetails Tokens { get; }
}
