using Microsoft.Extensions.AI;

namespace RouteLLM.Internals;

/// <summary>What only some calls have, apart from <see cref="RoutedCall"/>, which is made for every request.</summary>
internal sealed class CallNotes
{
    public List<RouteSkip> Skips { get; } = [];

    public AttemptAdmissions? Admissions { get; set; }

    public List<ChatResponseUpdate>? Updates { get; set; }

    public ModelCallMark? Mark { get; set; }

    public ModelRoute? FailedRoute { get; set; }

    public Exception? Failure { get; set; }

    public TimeSpan? TimeToFirstUpdate { get; set; }
}
