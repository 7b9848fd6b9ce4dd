namespace RouteLLM.Training;

/// <summary>The three labels of Hybrid LLM, from the qualities of sampled answers.</summary>
/// <remarks>
/// <para>
/// Ding et al., "Hybrid LLM: Cost-Efficient and Quality-Aware Query Routing", ICLR 2024, section 3. Their label is for the small model, y = P(q(small) >= q(large)); labels here are for the strong one and so are 1 - y = P(q(strong) > q(weak)):
/// a tie is not a win. Qualities are any finite numbers of which more is better, such as BART scores or rewards; only their differences matter.
/// </para>
/// <para>Rows with missing qualities are left out and counted.</para>
/// </remarks>
public static class HybridLabelRules
{
    // The contrast is a step function of the gap; more steps than this are thinned to quantiles.
    private const int MaxGapCandidates = 1000;

    // Equal contrasts may come out this different, and then the smaller gap is wanted.
    private const double RoundingError = 1e-12;

    /// <summary>Labels with one sample of each model, the first that is a finite number (r_det): 1 if the strong model's is better, else 0.</summary>
    /// <param name="rows">The rows.</param>
    /// <param name="strong">The strong model's name.</param>
    /// <param name="weak">The weak model's name.</param>
    /// <returns>The labels, and how many rows gave none.</returns>
    /// <exception cref="ArgumentException">The models are the same.</exception>
    public static LabelingResult Deterministic(IEnumerable<SampledRow> rows, string strong, string weak) =>
        Label(Read(rows, strong, weak, firstOnly: true, out LabelBuilder builder), gap: 0, builder);

    /// <summary>Labels with the share of pairs of samples, one of each model, in which the strong model's is better (r_prob).</summary>
    /// <param name="rows">The rows; the models need not have the same number of samples.</param>
    /// <param name="strong">The strong model's name.</param>
    /// <param name="weak">The weak model's name.</param>
    /// <returns>The labels, and how many rows gave none.</returns>
    /// <exception cref="ArgumentException">The models are the same.</exception>
    public static LabelingResult Probabilistic(IEnumerable<SampledRow> rows, string strong, string weak) =>
        Label(Read(rows, strong, weak, firstOnly: false, out LabelBuilder builder), gap: 0, builder);

    /// <summary>Labels with the share of pairs of samples in which the strong model's is better by more than a gap t (r_trans), for pairs of models of which the strong one nearly always wins by a little.</summary>
    /// <param name="rows">The rows; the models need not have the same number of samples.</param>
    /// <param name="strong">The strong model's name.</param>
    /// <param name="weak">The weak model's name.</param>
    /// <param name="gap">
    /// The gap t, at least 0; if <see langword="null"/>, the one that maximises the mean absolute difference of two labels over all pairs of rows, as theirs, the smallest such. It is searched for among 0 and the differences that
    /// occur, where alone it can change; among 1,000 quantiles of these if there are more.
    /// </param>
    /// <returns>The labels, and the gap.</returns>
    /// <exception cref="ArgumentException">The models are the same, or the gap is negative or no finite number.</exception>
    public static TransformedLabels Transformed(IEnumerable<SampledRow> rows, string strong, string weak, double? gap = null)
    {
        if (gap is not (null or (>= 0 and < double.PositiveInfinity)))
        {
            throw new ArgumentOutOfRangeException(nameof(gap), gap, "A gap is a finite number of at least 0, or null to have it chosen.");
        }

        List<Differences> differences = Read(rows, strong, weak, firstOnly: false, out LabelBuilder builder);
        double chosen = gap ?? ChooseGap(differences);
        return new TransformedLabels(Label(differences, chosen, builder), chosen, Contrast(differences, chosen), Contrast(differences, 0));
    }

    private static LabelingResult Label(List<Differences> rows, double gap, LabelBuilder builder)
    {
        foreach (Differences row in rows)
        {
            double win = row.ShareAbove(gap);
            builder.Add(row.Prompt, win, 1 - win);
        }

        return builder.Build();
    }

    private static List<Differences> Read(IEnumerable<SampledRow> rows, string strong, string weak, bool firstOnly, out LabelBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(rows);
        LabelRules.CheckModels(strong, weak);
        builder = new LabelBuilder(TieReading.NotAWin);
        var read = new List<Differences>();
        foreach (SampledRow row in rows)
        {
            if (string.IsNullOrWhiteSpace(row.Row.Prompt))
            {
                builder.Drop(LabelDropReason.NoPrompt);
                continue;
            }

            double[] strongs = Finite(row, strong, firstOnly), weaks = Finite(row, weak, firstOnly);
            if (LabelRules.MissingScore(strongs.Length > 0, weaks.Length > 0) is { } reason)
            {
                builder.Drop(reason);
            }
            else
            {
                double[] differences = [.. strongs.SelectMany(s => weaks.Select(w => s - w))];
                Array.Sort(differences);
                read.Add(new Differences(row.Row.Prompt, differences));
            }
        }

        return read;
    }

    private static double[] Finite(SampledRow row, string model, bool firstOnly) =>
        row.Samples.TryGetValue(model, out IReadOnlyList<double>? samples) ? [.. samples.Where(double.IsFinite).Take(firstOnly ? 1 : int.MaxValue)] : [];

    private static double ChooseGap(List<Differences> rows)
    {
        double[] candidates = [.. rows.SelectMany(static row => row.Sorted).Where(static difference => difference > 0).Distinct().Order()];
        if (candidates.Length > MaxGapCandidates)
        {
            double step = (candidates.Length - 1.0) / (MaxGapCandidates - 1);
            candidates = [.. Enumerable.Range(0, MaxGapCandidates).Select(i => candidates[(int)Math.Round(i * step)])];
        }

        double best = 0, bestContrast = Contrast(rows, 0);
        foreach (double candidate in candidates)
        {
            double contrast = Contrast(rows, candidate);
            if (contrast > bestContrast + RoundingError)
            {
                (best, bestContrast) = (candidate, contrast);
            }
        }

        return best;
    }

    /// <summary>Gives the mean absolute difference of two labels over all n * n pairs of rows.</summary>
    private static double Contrast(List<Differences> rows, double gap)
    {
        if (rows.Count == 0)
        {
            return 0;
        }

        double[] labels = [.. rows.Select(row => row.ShareAbove(gap))];
        Array.Sort(labels);

        // In order, each label is added once for every label below it and taken off once for every label above it.
        double sum = 0;
        for (int i = 0; i < labels.Length; i++)
        {
            sum += labels[i] * ((2.0 * i) - labels.Length + 1);
        }

        return 2 * sum / ((double)labels.Length * labels.Length);
    }

    /// <summary>The differences of a row's qualities, strong less weak, over all pairs of samples, ascending.</summary>
    private readonly record struct Differences(string Prompt, double[] Sorted)
    {
        public double ShareAbove(double gap)
        {
            int low = 0, high = Sorted.Length;
            while (low < high)
            {
                int middle = (low + high) / 2;
                (low, high) = Sorted[middle] <= gap ? (middle + 1, high) : (low, middle);
            }

            return (double)(Sorted.Length - low) / Sorted.Length;
        }
    }
}
