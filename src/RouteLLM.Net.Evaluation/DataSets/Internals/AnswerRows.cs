namespace RouteLLM.Evaluation;

/// <summary>Joins rows of one model's answer each to rows of several models.</summary>
internal static class AnswerRows
{
    /// <summary>Joins rows by id, in the order in which ids first occur; which answer belongs to an earlier prompt is known only at the end, so all are held in memory.</summary>
    /// <exception cref="EvaluationDataException">Rows with one id differ in their prompt, or have two scores of one model.</exception>
    public static IEnumerable<EvaluationRow> Join(IEnumerable<EvaluationRow> rows)
    {
        var joined = new Dictionary<string, EvaluationRow>(StringComparer.Ordinal);
        var order = new List<string>();
        foreach (EvaluationRow row in rows)
        {
            if (joined.TryGetValue(row.Id, out EvaluationRow? before))
            {
                joined[row.Id] = Join(before, row);
            }
            else
            {
                joined.Add(row.Id, row);
                order.Add(row.Id);
            }
        }

        return order.Select(id => joined[id]);
    }

    private static EvaluationRow Join(EvaluationRow first, EvaluationRow second)
    {
        if (first.Prompt != second.Prompt)
        {
            throw Conflict(first, second, "another prompt");
        }

        return first with
        {
            Scores = Union(first, second, first.Scores, second.Scores, "a score"),
            Costs = Union(first, second, first.Costs, second.Costs, "a cost"),
            Tokens = Union(first, second, first.Tokens, second.Tokens, "tokens"),
            Latencies = Union(first, second, first.Latencies, second.Latencies, "a latency"),
            Reference = first.Reference ?? second.Reference,
        };
    }

    private static Dictionary<string, T> Union<T>(EvaluationRow first, EvaluationRow second, IReadOnlyDictionary<string, T> values, IReadOnlyDictionary<string, T> more, string what)
    {
        var union = new Dictionary<string, T>(values, StringComparer.Ordinal);
        foreach ((string model, T value) in more)
        {
            if (!union.TryAdd(model, value))
            {
                throw Conflict(first, second, $"{what} of \"{model}\" as well");
            }
        }

        return union;
    }

    private static EvaluationDataException Conflict(EvaluationRow first, EvaluationRow second, string what) =>
        new(second.Origin!.Value.File, second.Origin.Value.Line, $"the row \"{second.Id}\" has {what}, as {first.Origin}. Take one of the rows out.");
}
