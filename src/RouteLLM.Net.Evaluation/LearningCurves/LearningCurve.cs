using System.Globalization;

namespace RouteLLM.Evaluation;

/// <summary>Quality against the number of labels, with a fitted law, and whether more labels would pay.</summary>
/// <remarks>
/// <para>
/// In each repetition a part of the groups is held back, and the rest is put into a random order of which the first 25, 50, 100 ... rows are trained on; so the sizes of one repetition share their labels and are measured on the same rows.
/// </para>
/// <para>
/// To the means <see cref="PowerLawFit"/> is fitted, weighted by how certain they are. More labels pay if twice as many as the most that were tried are expected to gain at least <see cref="LearningCurveOptions.MinimumGain"/>; how sure that
/// is, is seen from fitting to repetitions drawn with replacement.
/// </para>
/// </remarks>
public sealed class LearningCurve
{
    private const int FirstSize = 25;
    private const int Resamples = 400;

    private LearningCurve(LearningCurvePoint? before, LearningCurvePoint[] points, double heldBack, LearningCurveOptions options)
    {
        Before = before;
        Points = points;
        HeldBackRows = heldBack;
        int[] repetitions = [.. Enumerable.Range(0, points[0].Qualities.Count)];
        Fit = FitTo(points, repetitions, options) ?? throw new InvalidOperationException("No repetition has a quality at every size; hold back more rows.");
        int most = points[^1].Labels;
        ExpectedGain = Gain(Fit);
        ExpectedGainInterval = Interval(Gain);
        LimitInterval = Interval(static fit => fit.Limit);
        MoreLabels = ExpectedGainInterval.Low >= options.MinimumGain && ExpectedGain >= options.MinimumGain && points.Length > 1 ? MoreLabels.Pay
            : ExpectedGainInterval.High < options.MinimumGain && points.Length > 1 ? MoreLabels.DoNotPay
            : MoreLabels.Unclear;
        MinimumGain = options.MinimumGain;

        double Gain(PowerLawFit fit) => fit.Predict(2.0 * most) - fit.Predict(most);
        BootstrapInterval Interval(Func<PowerLawFit, double> of) =>
            BootstrapInterval.Create(repetitions.Length, draw => FitTo(points, draw, options) is { } fit ? of(fit) : double.NaN, Resamples, seed: options.Seed);
    }

    /// <summary>Gets the quality without labels, or <see langword="null"/> if there was nothing to compare with.</summary>
    public LearningCurvePoint? Before { get; }

    /// <summary>Gets the quality at each number of labels, ascending.</summary>
    public IReadOnlyList<LearningCurvePoint> Points { get; }

    /// <summary>Gets how many rows were held back to measure on, in the mean over the repetitions.</summary>
    public double HeldBackRows { get; }

    /// <summary>Gets the law fitted to <see cref="Points"/>.</summary>
    public PowerLawFit Fit { get; }

    /// <summary>Gets a 95% bootstrap interval of the fitted limit over the repetitions: wide where the sizes tried are too few, or too small, to tell where the curve ends.</summary>
    public BootstrapInterval LimitInterval { get; }

    /// <summary>Gets the gain in quality expected of twice as many labels as the most that were tried.</summary>
    public double ExpectedGain { get; }

    /// <summary>Gets a 95% bootstrap interval of <see cref="ExpectedGain"/> over the repetitions.</summary>
    public BootstrapInterval ExpectedGainInterval { get; }

    /// <summary>Gets the gain that counts as worth twice the labels.</summary>
    public double MinimumGain { get; }

    /// <summary>Gets whether more labels would pay; always unclear from one size.</summary>
    public MoreLabels MoreLabels { get; }

    /// <summary>Gets the answer in a sentence.</summary>
    public string Summary
    {
        get
        {
            string gain = string.Create(CultureInfo.InvariantCulture, $"{2 * Points[^1].Labels} labels instead of {Points[^1].Labels} are expected to gain {ExpectedGain:0.000} ({ExpectedGainInterval.Low:0.000} to {ExpectedGainInterval.High:0.000}), and {MinimumGain:0.000} would be worth it");
            return MoreLabels switch
            {
                MoreLabels.Pay => $"More labels would pay: {gain}.",
                MoreLabels.DoNotPay => $"More labels would not pay: {gain}.",
                _ => $"Whether more labels would pay is unclear: {gain}.",
            };
        }
    }

    /// <summary>Measures a learning curve.</summary>
    /// <typeparam name="TRow">What a label is attached to, such as a prompt.</typeparam>
    /// <param name="rows">The labelled rows: at least two groups.</param>
    /// <param name="train">Trains on some rows, given a seed, and returns what scores a row. It must give the same for the same rows and seed.</param>
    /// <param name="quality">Measures scores against the held-back rows they belong to; higher is better. NaN leaves the repetition out at that size.</param>
    /// <param name="group">The group of a row, or <see langword="null"/> if each is its own: rows of a group are held back together.</param>
    /// <param name="before">Scores a row without any label, or <see langword="null"/>.</param>
    /// <param name="options">How to measure, or <see langword="null"/> for the defaults.</param>
    /// <param name="progress">Told the number of trainings done.</param>
    /// <param name="cancellationToken">Cancels between trainings.</param>
    /// <returns>The curve.</returns>
    /// <exception cref="ArgumentException">There are fewer than two groups, or no size that fits into the rows not held back.</exception>
    /// <exception cref="InvalidOperationException">At some size, no repetition has a quality.</exception>
    public static LearningCurve Create<TRow>(
        IReadOnlyList<TRow> rows,
        Func<IReadOnlyList<TRow>, int, Func<TRow, double>> train,
        Func<IReadOnlyList<double>, IReadOnlyList<TRow>, double> quality,
        Func<TRow, string>? group = null,
        Func<TRow, double>? before = null,
        LearningCurveOptions? options = null,
        IProgress<int>? progress = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(rows);
        ArgumentNullException.ThrowIfNull(train);
        ArgumentNullException.ThrowIfNull(quality);
        options ??= new LearningCurveOptions();
        options.Validate();
        string[] groups = [.. rows.Select((row, i) => group is null ? i.ToString(CultureInfo.InvariantCulture) : group(row))];
        Draw<TRow>[] draws = [.. Enumerable.Range(0, options.Repetitions).Select(repetition => Draw<TRow>.Create(rows, groups, options.HeldBackShare, new Random(HashCode(options.Seed, repetition))))];
        int[] sizes = SizesFor(draws.Min(static draw => draw.Training.Length), options.Sizes);
        var qualities = new double[sizes.Length][];
        for (int s = 0; s < sizes.Length; s++)
        {
            qualities[s] = new double[draws.Length];
        }

        var without = new double[draws.Length];
        int done = 0;
        Parallel.For(0, draws.Length, new ParallelOptions { MaxDegreeOfParallelism = options.MaxDegreeOfParallelism, CancellationToken = cancellationToken }, repetition =>
        {
            (TRow[] training, TRow[] heldBack) = draws[repetition];
            without[repetition] = before is null ? double.NaN : quality([.. heldBack.Select(before)], heldBack);
            for (int s = 0; s < sizes.Length; s++)
            {
                cancellationToken.ThrowIfCancellationRequested();
                Func<TRow, double> score = train(training[..sizes[s]], HashCode(options.Seed, repetition));
                qualities[s][repetition] = quality([.. heldBack.Select(score)], heldBack);
                progress?.Report(Interlocked.Increment(ref done));
            }
        });
        return new LearningCurve(
            before is null ? null : LearningCurvePoint.Create(0, without),
            [.. sizes.Select((size, s) => LearningCurvePoint.Create(size, qualities[s]))],
            draws.Average(static draw => draw.HeldBack.Length),
            options);
    }

    private static int[] SizesFor(int available, IReadOnlyList<int>? wanted)
    {
        var sizes = new List<int>();
        if (wanted is not null)
        {
            sizes.AddRange(wanted.Where(size => size <= available));
        }
        else
        {
            for (int size = FirstSize; size <= available; size *= 2)
            {
                sizes.Add(size);
            }

            // All there are, unless that is hardly more than the last.
            if (sizes.Count > 0 && available >= 1.25 * sizes[^1])
            {
                sizes.Add(available);
            }
        }

        return sizes.Count > 0
            ? [.. sizes]
            : throw new ArgumentException($"{available} rows are left to train on, fewer than the smallest size of {wanted?[0] ?? FirstSize}; label more, hold back less, or ask for smaller sizes.");
    }

    /// <summary>Fits to some repetitions, by their indices; null if some size has no quality among them.</summary>
    private static PowerLawFit? FitTo(LearningCurvePoint[] points, int[] repetitions, LearningCurveOptions options)
    {
        var means = new double[points.Length];
        var variances = new double[points.Length];
        for (int p = 0; p < points.Length; p++)
        {
            double[] values = [.. repetitions.Select(r => points[p].Qualities[r]).Where(static value => !double.IsNaN(value))];
            if (values.Length == 0)
            {
                return null;
            }

            means[p] = values.Average();
            variances[p] = values.Average(value => (value - means[p]) * (value - means[p]));
        }

        // A size at which the repetitions happen to agree is not infinitely certain: no variance counts as less than half the usual one.
        double least = Math.Max(variances.Average() / 2, 1e-12);
        return PowerLawFit.Fit([.. points.Select(static point => (double)point.Labels)], means, [.. variances.Select(variance => 1 / Math.Max(variance, least))], options.HighestQuality);
    }

    private static int HashCode(int seed, int repetition) => unchecked((seed * 1_000_003) + repetition);

    /// <summary>One repetition's rows.</summary>
    private sealed record Draw<TRow>(TRow[] Training, TRow[] HeldBack)
    {
        public static Draw<TRow> Create(IReadOnlyList<TRow> rows, string[] groups, double heldBackShare, Random random)
        {
            string[] names = [.. groups.Distinct(StringComparer.Ordinal)];
            if (names.Length < 2)
            {
                throw new ArgumentException($"The {rows.Count} rows are of {names.Length} groups; at least two are needed, one to hold back and one to train on.", nameof(rows));
            }

            random.Shuffle(names);
            HashSet<string> heldBack = [.. names.Take(Math.Clamp((int)Math.Round(names.Length * heldBackShare), 1, names.Length - 1))];
            TRow[] training = [.. rows.Where((_, i) => !heldBack.Contains(groups[i]))];
            random.Shuffle(training);
            return new Draw<TRow>(training, [.. rows.Where((_, i) => heldBack.Contains(groups[i]))]);
        }
    }
}
