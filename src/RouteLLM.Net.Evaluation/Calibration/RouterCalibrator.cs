namespace RouteLLM.Evaluation;

/// <summary>Calibrates a router's threshold on prompts, labelled rows or a decision log.</summary>
/// <remarks>
/// The thresholds are <see cref="ThresholdCalibrator"/>'s. Groups (<see cref="CalibrationOptions.Group"/>) get the strong share that the common threshold gives all requests, by their own quantiles, drawn towards the common threshold where their rows are few; a note says what share, quality and cost they come to together.
/// With a quality as the target a group's threshold is never above the one that its own rows support, so that the promise holds for each group that can make it by itself; the others have the common threshold, drawn towards always strong as far as their own rows count.
/// </remarks>
public static class RouterCalibrator
{
    /// <summary>Calibrates on rows: prompts alone for a strong share or a cost, with scores of both models for a quality.</summary>
    /// <param name="router">The router; asked in batches.</param>
    /// <param name="rows">The rows, enumerated once. For a promised quality they are independent draws of the traffic that it is promised for, and none that the router was trained on.</param>
    /// <param name="target">What to calibrate to.</param>
    /// <param name="options">The models and prices; the defaults if <see langword="null"/>.</param>
    /// <param name="cancellationToken">Cancels the scoring.</param>
    /// <returns>The calibration. Where the rows do not support the quality, it is always strong and says so.</returns>
    /// <exception cref="EvaluationException">There are no rows, a score or cost that is needed is missing or wrong, the budget is less than the weak model alone costs, or the router gave no probability.</exception>
    /// <exception cref="ArgumentException">The options are wrong.</exception>
    public static async Task<RouterCalibration> CalibrateAsync(
        IRouter router, IEnumerable<EvaluationRow> rows, CalibrationTarget target, CalibrationOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(router);
        ArgumentNullException.ThrowIfNull(rows);
        ArgumentNullException.ThrowIfNull(target);
        target.Validate();
        options ??= new();
        options.Validate();

        bool needsScores = target.Kind == CalibrationTargetKind.Quality;
        var samples = new List<CalibrationSample>();
        int skipped = 0;
        foreach (EvaluationRow[] batch in rows.Where(IsUsed).Chunk(options.Prediction.BatchSize))
        {
            cancellationToken.ThrowIfCancellationRequested();
            IReadOnlyList<double> predicted = await router.PredictWinProbabilitiesAsync(batch.Select(static row => row.Prompt), cancellationToken).ConfigureAwait(false);
            if (predicted.Count != batch.Length)
            {
                throw new EvaluationException($"The router gave {predicted.Count} win probabilities for {batch.Length} prompts; expected one a prompt.");
            }

            samples.AddRange(batch.Select((row, i) => SampleOf(row, predicted[i], needsScores, options)));
            options.Prediction.Progress?.Report(samples.Count);
        }

        return Calibrate(router, samples, target, options, skipped == 0 ? [] : [$"{skipped} rows without a score of both models were left out."]);

        bool IsUsed(EvaluationRow row)
        {
            bool isUsed = !needsScores || options.MissingScores == MissingScoreHandling.Refuse || HasScores(row, options);
            skipped += isUsed ? 0 : 1;
            return isUsed;
        }
    }

    /// <summary>Calibrates to a strong share or a cost on a decision log, which holds the win probabilities already; the router is not asked.</summary>
    /// <param name="router">The router that made the decisions.</param>
    /// <param name="log">The decisions; those without a win probability are left out.</param>
    /// <param name="target">What to calibrate to: a strong share or a cost.</param>
    /// <param name="options">The prices, for decisions with tokens; without prices, each model costs what its answers in the log cost on average. The defaults if <see langword="null"/>.</param>
    /// <returns>The calibration.</returns>
    /// <exception cref="EvaluationException">No decision has a win probability, one was made by another artifact, a cost that is needed is missing, or the budget is less than the weak model alone costs.</exception>
    /// <exception cref="ArgumentException">The options are wrong, or the target is a quality, of which a log knows nothing.</exception>
    public static RouterCalibration Calibrate(IRouter router, IEnumerable<LoggedDecision> log, CalibrationTarget target, CalibrationOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(router);
        ArgumentNullException.ThrowIfNull(log);
        ArgumentNullException.ThrowIfNull(target);
        target.Validate();
        options ??= new();
        options.Validate();
        if (target.Kind == CalibrationTargetKind.Quality)
        {
            throw new ArgumentException("A decision log does not say how good answers were, so no quality can be promised from it; give rows with scores of both models.", nameof(target));
        }

        LoggedDecision[] all = [.. log];
        LoggedDecision[] entries = [.. all.Where(static entry => entry.WinProbability is not null)];
        string? fingerprint = CalibratedRouter.Of(router).Fingerprint;
        if (entries.Select(static entry => entry.Properties.GetValueOrDefault("fingerprint")).FirstOrDefault(other => other is not null && other != fingerprint) is { } other)
        {
            throw new EvaluationException($"The log has decisions of the artifact {other}, but the router is {CalibratedRouter.Of(router)}. Name the router that made the decisions, or leave out those of others.");
        }

        (double meanStrong, double meanWeak) = (MeanCost(RoutedChatClient.StrongRoute, options.StrongModel), MeanCost(RoutedChatClient.WeakRoute, options.WeakModel));
        CalibrationSample[] samples =
        [
            .. entries.Select(entry => new CalibrationSample(
                entry.WinProbability!.Value, double.NaN, double.NaN, CostAt(entry, options.StrongModel, meanStrong), CostAt(entry, options.WeakModel, meanWeak), options.GroupedBy is null ? null : entry.Properties.GetValueOrDefault(options.GroupedBy))),
        ];
        return Calibrate(router, samples, target, options, all.Length == entries.Length ? [] : [$"{all.Length - entries.Length} of {all.Length} decisions have no win probability and were left out."]);

        double MeanCost(string route, string model) => entries.Where(entry => (entry.Route == route || entry.Route == model) && entry.Cost is not null).Select(static entry => entry.Cost!.Value).DefaultIfEmpty(double.NaN).Average();

        double CostAt(LoggedDecision entry, string model, double mean) =>
            options.Prices.TryGetValue(model, out TokenPrice? price) && (TokensOf(entry) ?? options.TypicalTokens) is { } tokens ? CostOf(price, tokens) : mean;
    }

    private static TokenUsage? TokensOf(LoggedDecision entry) =>
        entry.InputTokens is null && entry.OutputTokens is null ? null : new TokenUsage(entry.InputTokens ?? 0, entry.OutputTokens ?? 0);

    private static RouterCalibration Calibrate(IRouter router, IReadOnlyList<CalibrationSample> rows, CalibrationTarget target, CalibrationOptions options, List<string> notes)
    {
        if (rows.Count == 0)
        {
            throw new EvaluationException($"There are no rows to calibrate on; expected at least one.{string.Concat(notes.Select(static note => $" {note}"))}");
        }

        var samples = new CalibrationSamples(rows);
        (double threshold, string method) = FindThreshold(samples, target, options);
        CalibrationPoint chosen = samples.At(threshold);
        bool isSupported = target.Kind != CalibrationTargetKind.Quality || threshold > 0;
        AddNotes(notes, samples, chosen, target, isSupported, options);
        Dictionary<string, CalibrationGroup> groups = samples.Groups.All(static group => group is null) ? [] : FindGroups(samples, chosen, target, options);
        if (groups.Count > 0)
        {
            CalibrationPoint together = samples.At(threshold, i => samples.Groups[i] is { } group ? groups[group].Point.Threshold : threshold);
            string quality = together.QualityKept is { } kept ? FormattableString.Invariant($", {kept:P1} of the quality is kept") : "";
            string cost = together.UsdPerThousand is { } usd ? FormattableString.Invariant($", 1,000 cost ${usd:0.00##}") : "";
            notes.Add(FormattableString.Invariant($"With the groups' thresholds {together.StrongShare:P1} of these requests are strong{quality}{cost}."));
        }

        return new RouterCalibration
        {
            Router = CalibratedRouter.Of(router),
            Target = target,
            Method = method,
            IsSupported = isSupported,
            Chosen = chosen,
            GroupedBy = groups.Count > 0 ? options.GroupedBy ?? "group" : null,
            Groups = groups,
            Table = samples.Table(threshold),
            StrongModel = options.StrongModel,
            WeakModel = options.WeakModel,
            Rows = rows.Count,
            Data = options.Data,
            Created = options.TimeProvider.GetUtcNow(),
            Notes = notes,
        };
    }

    private static (double Threshold, string Method) FindThreshold(CalibrationSamples samples, CalibrationTarget target, CalibrationOptions options) => target.Kind switch
    {
        CalibrationTargetKind.StrongShare => (ThresholdCalibrator.ForStrongShare(samples.Scores, target.StrongShare!.Value), "quantile of the scores, as RouteLLM's"),
        CalibrationTargetKind.Cost => (ForCost(samples, target, options), "largest strong share within the cost"),
        _ => (ForQuality(samples, target, options), "learn then test: fixed sequence from always strong, betting (Waudby-Smith and Ramdas)"),
    };

    private static double ForQuality(CalibrationSamples samples, CalibrationTarget target, CalibrationOptions options) =>
        ThresholdCalibrator.ForQuality(samples.Scores, samples.StrongScores, samples.WeakScores, target.Quality!.Value, target.Confidence!.Value, options.Scale.Maximum);

    private static double ForCost(CalibrationSamples samples, CalibrationTarget target, CalibrationOptions options)
    {
        if (!samples.HasCosts)
        {
            int known = samples.StrongCosts.Zip(samples.WeakCosts).Count(static pair => !double.IsNaN(pair.First) && !double.IsNaN(pair.Second));
            throw new EvaluationException(
                $"The costs of both \"{options.StrongModel}\" and \"{options.WeakModel}\" are known of {known} of {samples.Scores.Length} requests. Give prices of both and the tokens of a typical request, or rows that have costs or tokens of both.");
        }

        return ThresholdCalibrator.ForCost(samples.Scores, samples.StrongCosts, samples.WeakCosts, target.UsdPerThousand!.Value / 1000)
            ?? throw new EvaluationException(FormattableString.Invariant(
                $"The target is {target}, that is ${target.UsdPerThousand:0.######} per 1,000, but \"{options.WeakModel}\" alone costs ${samples.WeakCosts.Average() * 1000:0.######} per 1,000: no threshold is cheap enough."));
    }

    private static Dictionary<string, CalibrationGroup> FindGroups(CalibrationSamples samples, CalibrationPoint chosen, CalibrationTarget target, CalibrationOptions options)
    {
        // A share that ties made larger than wanted is not the one to give the groups.
        double share = target.StrongShare ?? chosen.StrongShare;
        return ThresholdCalibrator.ForGroups(samples.Scores, samples.Groups, share, chosen.Threshold).OrderBy(static group => group.Key, StringComparer.Ordinal).ToDictionary(
            static group => group.Key,
            group =>
            {
                CalibrationSamples own = samples.OfGroup(group.Key);
                if (target.Kind != CalibrationTargetKind.Quality)
                {
                    return new CalibrationGroup(group.Value.Rows, group.Value.OwnThreshold, group.Value.OwnWeight, own.At(group.Value.Threshold));
                }

                // Every threshold up to the own one passed the test, so that a common one below it loses nothing of the promise.
                double supported = ForQuality(own, target, options);
                double shrunk = double.IsFinite(supported) && double.IsFinite(chosen.Threshold)
                    ? (group.Value.OwnWeight * supported) + ((1 - group.Value.OwnWeight) * chosen.Threshold)
                    : Math.Min(supported, chosen.Threshold);
                double threshold = supported > 0 ? Math.Min(supported, shrunk) : shrunk;
                return new CalibrationGroup(group.Value.Rows, supported, group.Value.OwnWeight, own.At(threshold)) { IsPromised = supported > 0 || threshold == 0 };
            },
            StringComparer.Ordinal);
    }

    private static void AddNotes(List<string> notes, CalibrationSamples samples, CalibrationPoint chosen, CalibrationTarget target, bool isSupported, CalibrationOptions options)
    {
        bool isConstant = samples.Scores.Length > 1 && samples.Scores.All(score => score == samples.Scores[0]);
        if (!isSupported)
        {
            notes.Add($"These {samples.Scores.Length} rows do not support the target ({target}) at any threshold but 0, where every request is strong. {Shortage(samples, target, options)}");
        }

        if (isConstant)
        {
            notes.Add("The router gives every request the same win probability: no threshold tells them apart.");
        }
        else if (target.StrongShare is { } wanted && chosen.StrongShare > wanted + 0.01)
        {
            notes.Add(FormattableString.Invariant($"{chosen.StrongShare:P1} of the requests are strong, more than the {wanted:P1} asked for, because many have the threshold as their win probability, or there are few."));
        }

        if (samples.HasScores && samples.StrongScores.Sum() < samples.WeakScores.Sum())
        {
            notes.Add($"\"{options.StrongModel}\" is worse than \"{options.WeakModel}\" on these rows.");
        }

        if (samples.HasCosts && samples.StrongCosts.Sum() < samples.WeakCosts.Sum())
        {
            notes.Add($"\"{options.StrongModel}\" is cheaper than \"{options.WeakModel}\" on these rows.");
        }
    }

    private static string Shortage(CalibrationSamples samples, CalibrationTarget target, CalibrationOptions options)
    {
        // What each row of a strong answer can add to the capital of the test, at most, decides how many it takes.
        double slack = (1 - target.Quality!.Value) * samples.StrongScores.Average() / (target.Quality.Value * options.Scale.Maximum);
        double needed = Math.Ceiling(Math.Log(1 / (1 - target.Confidence!.Value)) / Math.Log(1 + (0.75 * slack)));
        return slack > 0 && needed > samples.Scores.Length
            ? FormattableString.Invariant($"It takes at least {needed:#,0} rows; give more, or ask for less quality or confidence.")
            : "The weak model may be too much worse where the router trusts it; give more rows, ask for less quality or confidence, or train the router for these models.";
    }

    private static bool HasScores(EvaluationRow row, CalibrationOptions options) => row.Scores.ContainsKey(options.StrongModel) && row.Scores.ContainsKey(options.WeakModel);

    private static CalibrationSample SampleOf(EvaluationRow row, double winProbability, bool needsScores, CalibrationOptions options)
    {
        if (winProbability is not (>= 0 and <= 1))
        {
            throw new EvaluationException($"The router gave {winProbability} for the {row.Describe()}; expected a win probability in [0, 1].");
        }

        bool isScored = needsScores || HasScores(row, options);
        return new CalibrationSample(
            winProbability,
            isScored ? RouterEvaluator.Score(row, options.StrongModel, options.Scale) : double.NaN,
            isScored ? RouterEvaluator.Score(row, options.WeakModel, options.Scale) : double.NaN,
            CostOf(row, options.StrongModel, options),
            CostOf(row, options.WeakModel, options),
            options.Group?.Invoke(row));
    }

    private static double CostOf(EvaluationRow row, string model, CalibrationOptions options)
    {
        double cost = RouterEvaluator.Cost(row, model, options.Prices);
        return double.IsNaN(cost) && options.TypicalTokens is { } tokens && options.Prices.TryGetValue(model, out TokenPrice? price) ? CostOf(price, tokens) : cost;
    }

    private static double CostOf(TokenPrice price, TokenUsage tokens) => (double)price.CostOf(tokens.Input, tokens.Output, tokens.CachedInput);
}
