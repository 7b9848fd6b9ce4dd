using System.Globalization;

namespace RouteLLM.Internals;

/// <summary>Asks the classifiers about a request, and applies the rules to what they find.</summary>
internal sealed class SafetyCheck
{
    private readonly IRequestClassifier[] _classifiers;
    private readonly SafetyRule[] _rules;
    private readonly TimeSpan _timeout;
    private readonly SafetyFailure _onFailure;
    private readonly TimeProvider _timeProvider;

    private SafetyCheck(SafetyOptions options, TimeProvider timeProvider)
    {
        _classifiers = [.. options.Classifiers];
        _rules = [.. options.Rules];
        _timeout = options.Timeout;
        _onFailure = options.OnFailure;
        _timeProvider = timeProvider;
    }

    public static SafetyCheck? Create(SafetyOptions? options, IReadOnlyList<ModelRoute> routes, TimeProvider timeProvider)
    {
        if (options is null || options.Classifiers.Count == 0)
        {
            return null;
        }

        foreach (SafetyRule rule in options.Rules)
        {
            bool isReachable = rule.Action switch
            {
                SafetyAction.RequireTag => routes.Any(route => route.Profile.HasTag(rule.Target!)),
                SafetyAction.RequireRoute => routes.Any(route => route.Name == rule.Target),
                _ => true,
            };
            if (!isReachable)
            {
                throw new ArgumentException($"The safety rule for '{rule.Category}' sends requests to '{rule.Target}', but no route has that {(rule.Action == SafetyAction.RequireTag ? "tag" : "name")}. Routes: {string.Join(", ", routes)}.");
            }
        }

        return new(options, timeProvider);
    }

    /// <summary>Judges a request.</summary>
    /// <returns>What was found, or <see langword="null"/> if it is nothing that a rule is about.</returns>
    /// <exception cref="RequestRefusedException">A rule says so, or a classifier failed and the options say to refuse then.</exception>
    public async ValueTask<SafetyVerdict?> JudgeAsync(RouteRequest request, CancellationToken cancellationToken)
    {
        var required = new List<(SafetyRule, string)>();
        var steps = new List<DecisionStep>();
        var refused = new List<RequestSignal>();
        Exception? error = null;
        (IReadOnlyList<RequestSignal>, Exception?)[] answers = await Task.WhenAll(_classifiers.Select(classifier => AskAsync(classifier, request, cancellationToken))).ConfigureAwait(false);
        for (int i = 0; i < answers.Length; i++)
        {
            (IReadOnlyList<RequestSignal> signals, Exception? failure) = answers[i];
            if (failure is not null)
            {
                error = failure;
                steps.Add(new("safety", $"the classifier {_classifiers[i].Name} failed ({failure.GetType().Name})"));
            }

            foreach (RequestSignal signal in signals)
            {
                Apply(signal, required, steps, refused);
            }
        }

        if (refused.Count > 0)
        {
            throw new RequestRefusedException(refused);
        }

        if (error is not null && _onFailure == SafetyFailure.Refuse)
        {
            throw new RequestRefusedException(error);
        }

        return required.Count == 0 && steps.Count == 0 ? null : new(required, steps);
    }

    private void Apply(RequestSignal signal, List<(SafetyRule, string)> required, List<DecisionStep> steps, List<RequestSignal> refused)
    {
        foreach (SafetyRule rule in _rules)
        {
            if (!signal.IsOf(rule.Category) || !(signal.Confidence >= rule.MinConfidence))
            {
                continue;
            }

            if (rule.Action == SafetyAction.Refuse)
            {
                refused.Add(signal);
            }
            else if (rule.Action != SafetyAction.Note)
            {
                required.Add((rule, signal.Category));
            }

            steps.Add(new("safety", string.Create(CultureInfo.InvariantCulture, $"{signal.Category} found {signal.Count} times: {Describe(rule)}")));
        }
    }

    private static string Describe(SafetyRule rule) => rule.Action switch
    {
        SafetyAction.RequireTag => $"only routes tagged '{rule.Target}'",
        SafetyAction.RequireRoute => $"only the route '{rule.Target}'",
        SafetyAction.Refuse => "refused",
        _ => "noted",
    };

    // What the others found is not lost where one fails or is late.
    private async Task<(IReadOnlyList<RequestSignal> Signals, Exception? Error)> AskAsync(IRequestClassifier classifier, RouteRequest request, CancellationToken cancellationToken)
    {
        (IReadOnlyList<RequestSignal>? signals, Exception? error, _) =
            await TimeLimit.AskAsync(token => classifier.ClassifyAsync(request, token), _timeout, _timeProvider, cancellationToken).ConfigureAwait(false);
        return (signals ?? [], error);
    }
}
