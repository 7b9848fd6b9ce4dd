using RouteLLM;
using RouteLLM.Internals;

namespace Microsoft.Extensions.AI;

/// <summary>Reads the <see cref="RouteOutcome"/> that a <see cref="RoutedChatClient"/> leaves on what it returns.</summary>
public static class RouteOutcomeExtensions
{
    /// <summary>Gets what came of the request that a response answers.</summary>
    /// <param name="response">The response, also one put together from updates or read back from a cache.</param>
    /// <returns>The outcome (the last, if a response holds several routed answers, as after a tool loop), or <see langword="null"/> if there is none.</returns>
    public static RouteOutcome? GetRouteOutcome(this ChatResponse response)
    {
        ArgumentNullException.ThrowIfNull(response);
        for (int i = response.Messages.Count - 1; i >= 0; i--)
        {
            if (response.Messages[i].GetRouteOutcome() is { } outcome)
            {
                return outcome;
            }
        }

        return OutcomeCarrier.Read(response.AdditionalProperties);
    }

    /// <summary>Gets what came of the request that a message answers.</summary>
    /// <param name="message">A message of a response.</param>
    /// <returns>The outcome, or <see langword="null"/> if there is none.</returns>
    public static RouteOutcome? GetRouteOutcome(this ChatMessage message)
    {
        ArgumentNullException.ThrowIfNull(message);
        return OutcomeCarrier.Read(message.AdditionalProperties);
    }

    /// <summary>Gets what came of the request that a streamed update belongs to.</summary>
    /// <param name="update">An update; the first of a stream carries the outcome.</param>
    /// <returns>The outcome, or <see langword="null"/> if there is none.</returns>
    public static RouteOutcome? GetRouteOutcome(this ChatResponseUpdate update)
    {
        ArgumentNullException.ThrowIfNull(update);
        return OutcomeCarrier.Read(update.AdditionalProperties);
    }
}
