namespace RouteLLM.Reporting;

/// <summary>Checks that evaluations can be shown in one picture.</summary>
internal static class EvaluationSet
{
    public static void Require(IReadOnlyList<RouterEvaluation> evaluations)
    {
        ArgumentNullException.ThrowIfNull(evaluations);
        if (evaluations.Count == 0)
        {
            throw new ArgumentException("There is no evaluation to show; expected at least one.", nameof(evaluations));
        }

        RouterEvaluation first = evaluations[0];
        foreach (RouterEvaluation other in evaluations.Skip(1))
        {
            if ((other.StrongModel, other.WeakModel, other.Overall.Rows) != (first.StrongModel, first.WeakModel, first.Overall.Rows))
            {
                throw new EvaluationException(
                    $"The evaluations do not belong together: {first.StrongModel} and {first.WeakModel} on {first.Overall.Rows} rows, {other.StrongModel} and {other.WeakModel} on {other.Overall.Rows}. Evaluate all routers on the same rows with the same options.");
            }
        }
    }

    public static EvaluationSlice Slice(RouterEvaluation evaluation, string name) =>
        evaluation.FindSlice(name) ?? throw new EvaluationException($"The evaluation of \"{evaluation.Router}\" has no slice \"{name}\"; it has {string.Join(", ", evaluation.Slices.Select(static slice => slice.Name).Prepend(evaluation.Overall.Name).Take(20))}.");

    /// <summary>Names each evaluation so that no two are called the same.</summary>
    public static IReadOnlyList<string> Names(IReadOnlyList<RouterEvaluation> evaluations)
    {
        var names = new List<string>();
        foreach (RouterEvaluation evaluation in evaluations)
        {
            int number = evaluations.Take(names.Count).Count(other => other.Router == evaluation.Router) + 1;
            names.Add(number == 1 ? evaluation.Router : $"{evaluation.Router} ({number})");
        }

        return names;
    }
}
