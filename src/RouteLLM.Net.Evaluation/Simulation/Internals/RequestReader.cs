namespace RouteLLM.Evaluation;

/// <summary>Makes requests of log lines and rows.</summary>
internal sealed class RequestReader(SimulationOptions options, bool rescores)
{
    /// <summary>The value of a log line's property <c>reason</c> where no router was to decide.</summary>
    private static readonly string[] s_pinned = [RouteReasons.Pinned, RouteReasons.ProviderState, RouteReasons.ToolResult];

    public bool IsReplay { get; private set; }

    public long OtherRoutes { get; private set; }

    public long Unscored { get; private set; }

    public IEnumerable<SimulatedRequest> Read(IEnumerable<LoggedDecision> decisions)
    {
        (IsReplay, OtherRoutes, Unscored) = (true, 0, 0);
        foreach (LoggedDecision decision in decisions)
        {
            if (decision.Route is not null && decision.Route != options.Strong && decision.Route != options.Weak)
            {
                OtherRoutes++;
                continue;
            }

            // Without a route, the log's own numbers say which way it went.
            bool? wasStrong = decision.Route is not null ? decision.Route == options.Strong
                : decision is { WinProbability: { } probability, Threshold: { } threshold } ? probability >= threshold
                : null;
            bool isPinned = wasStrong is not null && decision.Properties.TryGetValue("reason", out string? reason) && s_pinned.Contains(reason);
            bool hasScore = rescores ? decision.Prompt is not null : decision.WinProbability is not null;
            bool isFixed = isPinned || (!rescores && !hasScore && wasStrong is not null);
            if (!hasScore && !isFixed)
            {
                Unscored++;
                continue;
            }

            yield return new SimulatedRequest
            {
                Prompt = decision.Prompt,
                WinProbability = rescores ? double.NaN : decision.WinProbability ?? double.NaN,
                WasStrong = wasStrong,
                IsFixed = isFixed,
                Origin = decision.Origin,
                Strong = Figures(decision, wasStrong == true, options.StrongPrice),
                Weak = Figures(decision, wasStrong == false, options.WeakPrice),
            };
        }
    }

    public IEnumerable<SimulatedRequest> Read(IEnumerable<EvaluationRow> rows)
    {
        foreach (EvaluationRow row in rows)
        {
            yield return new SimulatedRequest
            {
                Prompt = row.Prompt,
                WinProbability = double.NaN,
                Origin = row.Origin,
                Strong = Figures(row, options.Strong, options.StrongPrice),
                Weak = Figures(row, options.Weak, options.WeakPrice),
            };
        }
    }

    private AnswerFigures Figures(LoggedDecision decision, bool isLogged, TokenPrice? price)
    {
        if (isLogged && decision.Cost is { } cost)
        {
            return new AnswerFigures(cost, true, decision.Latency ?? double.NaN, decision.Reward ?? double.NaN);
        }

        double estimate = CostOf(decision.InputTokens ?? (decision.QueryLength ?? decision.Prompt?.Length) / options.CharactersPerToken, decision.OutputTokens ?? options.OutputTokens, price);

        // The tokens of an answer that was given are counted, not assumed.
        return isLogged
            ? new AnswerFigures(estimate, decision is { InputTokens: not null, OutputTokens: not null }, decision.Latency ?? double.NaN, decision.Reward ?? double.NaN)
            : AnswerFigures.Unknown with { Cost = estimate };
    }

    private AnswerFigures Figures(EvaluationRow row, string model, TokenPrice? price)
    {
        double latency = row.Latencies.GetValueOrDefault(model, double.NaN);
        double quality = row.Scores.ContainsKey(model) ? RouterEvaluator.Score(row, model, options.Scale) : double.NaN;
        return row.Costs.TryGetValue(model, out double cost) ? new AnswerFigures(cost, true, latency, quality)
            : row.Tokens.TryGetValue(model, out TokenUsage tokens) && price is not null ? new AnswerFigures((double)price.CostOf(tokens.Input, tokens.Output, tokens.CachedInput), true, latency, quality)
            : new AnswerFigures(CostOf(row.Prompt.Length / options.CharactersPerToken, options.OutputTokens, price), false, latency, quality);
    }

    private static double CostOf(double? inputTokens, double? outputTokens, TokenPrice? price) =>
        price is not null && inputTokens is { } input && outputTokens is { } output ? ((input * (double)price.InputPerMillion) + (output * (double)price.OutputPerMillion)) / 1e6 : double.NaN;
}
