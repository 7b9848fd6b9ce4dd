namespace RouteLLM.Evaluation;

/// <summary>A column or JSON property, and what it means.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Field">What it holds.</param>
/// <param name="Model">The model it is of; <see langword="null"/> if of none, or of the one that the row names.</param>
internal sealed record RowColumn(string Name, RowField Field, string? Model = null)
{
    /// <summary>Gets a value indicating whether the column holds text.</summary>
    public bool IsText => Field is >= RowField.Id and <= RowField.Model;

    /// <summary>Finds out what a column of a shape means.</summary>
    public static RowColumn Bind(RowShape shape, string name) => shape switch
    {
        RowShape.RouteLlm => OfRouteLlm(name),
        RowShape.RouterBench => OfRouterBench(name),
        RowShape.RouterArena => OfRouterArena(name),
        _ => OfStandard(name),
    };

    private static RowColumn OfStandard(string name)
    {
        RowField field = name switch
        {
            "id" => RowField.Id,
            "source" => RowField.Source,
            "split" => RowField.Split,
            "prompt" => RowField.Prompt,
            "lang" => RowField.Language,
            "category" => RowField.Category,
            "reference" => RowField.Reference,
            "p_strong" => RowField.StrongProbability,
            "scores" or "cost" or "latency_ms" or "tokens" => RowField.Group,
            _ => RowField.None,
        };
        return field != RowField.None ? new(name, field)
            : After(name, "scores.") is { } scored ? new(name, RowField.Score, scored)
            : After(name, "cost.") is { } priced ? new(name, RowField.Cost, priced)
            : After(name, "latency_ms.") is { } timed ? new(name, RowField.Latency, timed)
            : After(name, "tokens.") is not { } counted ? new(name, RowField.None)
            : Before(counted, ".cached_input") is { } cached ? new(name, RowField.CachedInputTokens, cached)
            : Before(counted, ".input") is { } input ? new(name, RowField.InputTokens, input)
            : Before(counted, ".output") is { } output ? new(name, RowField.OutputTokens, output)
            : new(name, RowField.Group);
    }

    private static RowColumn OfRouteLlm(string name) =>
        name == "prompt" ? new(name, RowField.Prompt)
        : name.Length == 0 || name.StartsWith("Unnamed:", StringComparison.Ordinal) || name.EndsWith("_response", StringComparison.Ordinal) ? new(name, RowField.None)
        : new(name, RowField.Score, name);

    private static RowColumn OfRouterBench(string name) => name switch
    {
        "sample_id" => new(name, RowField.Id),
        "prompt" => new(name, RowField.Prompt),
        "eval_name" => new(name, RowField.Source),
        "" or "idx" or "oracle_model_to_route_to" => new(name, RowField.None),
        _ when Before(name, "|total_cost") is { } model => new(name, RowField.Cost, model),
        _ when name.Contains('|', StringComparison.Ordinal) || name.StartsWith("Unnamed:", StringComparison.Ordinal) => new(name, RowField.None),
        _ => new(name, RowField.Score, name),
    };

    private static RowColumn OfRouterArena(string name) => new(name, name switch
    {
        "global_index" or "global index" => RowField.Id,
        "question" or "prompt" or "prompt_formatted" => RowField.Prompt,
        "llm_selected" or "prediction" => RowField.Model,
        "evaluation_result.score" or "accuracy" => RowField.Score,
        "evaluation_result.inference_cost" or "cost" => RowField.Cost,
        "token_usage.input_tokens" or "generated_result.token_usage.input_tokens" => RowField.InputTokens,
        "token_usage.output_tokens" or "generated_result.token_usage.output_tokens" => RowField.OutputTokens,
        "evaluation_result.ground_truth" => RowField.Reference,
        "evaluation_result" or "token_usage" or "generated_result" or "generated_result.token_usage" => RowField.Group,
        _ => RowField.None,
    });

    private static string? After(string name, string prefix) => name.Length > prefix.Length && name.StartsWith(prefix, StringComparison.Ordinal) ? name[prefix.Length..] : null;

    private static string? Before(string name, string suffix) => name.Length > suffix.Length && name.EndsWith(suffix, StringComparison.Ordinal) ? name[..^suffix.Length] : null;
}
