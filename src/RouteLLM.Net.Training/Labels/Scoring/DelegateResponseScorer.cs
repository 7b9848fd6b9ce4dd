using System.Globalization;

namespace RouteLLM.Training;

/// <summary>Scores answers with a function: a reward model, an ONNX model, a test suite, whatever gives a number.</summary>
/// <remarks>
/// An ONNX reward model plugs in as a function that tokenises prompt and answer together, runs the session and returns the output's one number. A reward has no bounds, so <see cref="FromReward"/> maps it to [0, 1] by a logistic, and
/// <see cref="FromRewardDifference"/> keeps the difference of two answers' rewards, as reward models are trained (Bradley and Terry, 1952: P(a is better than b) is the logistic of the difference). Scores of <see cref="FromReward"/> rank the same as the
/// rewards, so labels that read them as outcomes with a margin of 0 are the reward's own.
/// </remarks>
/// <example>
/// <code>
/// // session: an ONNX Runtime session of a reward model; encode: its tokeniser.
/// var scorer = DelegateResponseScorer.FromReward("my-reward-v2", (request, token) => new ValueTask&lt;double&gt;(Run(session, encode(request.Prompt, request.Response))), center: 0, scale: 4);
/// </code>
/// </example>
public sealed class DelegateResponseScorer : IResponseScorer
{
    private readonly Func<ScoringRequest, CancellationToken, ValueTask<double>> _score;

    private DelegateResponseScorer(string name, string fingerprint, bool isPairwise, bool needsReference, Func<ScoringRequest, CancellationToken, ValueTask<double>> score)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        (Name, Fingerprint, IsPairwise, NeedsReference, _score) = (name, fingerprint, isPairwise, needsReference, score);
    }

    /// <inheritdoc/>
    public string Name { get; }

    /// <inheritdoc/>
    public string Fingerprint { get; }

    /// <inheritdoc/>
    public bool IsPairwise { get; }

    /// <inheritdoc/>
    public bool NeedsReference { get; }

    /// <summary>Makes a pointwise scorer of a function whose values are scores.</summary>
    /// <param name="name">A name, to be changed whenever the function's values do.</param>
    /// <param name="score">Gives the score of an answer, in [0, 1].</param>
    /// <param name="needsReference">Whether the function needs the reference.</param>
    /// <returns>The scorer.</returns>
    /// <exception cref="ArgumentException"><paramref name="name"/> is empty or white space.</exception>
    public static DelegateResponseScorer FromScore(string name, Func<ScoringRequest, CancellationToken, ValueTask<double>> score, bool needsReference = false)
    {
        ArgumentNullException.ThrowIfNull(score);
        return new(name, $"score {name}", isPairwise: false, needsReference, score);
    }

    /// <summary>Makes a pointwise scorer of an unbounded reward r: the score is 1 / (1 + exp(-(r - center) / scale)).</summary>
    /// <param name="name">A name, to be changed whenever the function's values do.</param>
    /// <param name="reward">Gives the reward of an answer, a finite number of which more is better.</param>
    /// <param name="center">The reward that scores 0.5: the rewards' median, for instance.</param>
    /// <param name="scale">How much more reward raises the odds by a factor of e, above 0: about half the rewards' standard deviation spreads the scores over [0, 1].</param>
    /// <param name="needsReference">Whether the function needs the reference.</param>
    /// <returns>The scorer.</returns>
    /// <exception cref="ArgumentException"><paramref name="name"/> is empty, <paramref name="center"/> is not finite, or <paramref name="scale"/> not above 0.</exception>
    public static DelegateResponseScorer FromReward(
        string name, Func<ScoringRequest, CancellationToken, ValueTask<double>> reward, double center = 0, double scale = 1, bool needsReference = false)
    {
        ArgumentNullException.ThrowIfNull(reward);
        CheckScale(scale);
        if (!double.IsFinite(center))
        {
            throw new ArgumentOutOfRangeException(nameof(center), center, "The reward that scores 0.5 is a finite number.");
        }

        return new(
            name,
            string.Create(CultureInfo.InvariantCulture, $"reward {center:R} {scale:R} {name}"),
            isPairwise: false,
            needsReference,
            async (request, token) => Logistic((Finite(name, await reward(request, token).ConfigureAwait(false)) - center) / scale));
    }

    /// <summary>Makes a pairwise scorer of an unbounded reward r: the score of an answer against a rival's is 1 / (1 + exp(-(r(answer) - r(rival)) / scale)).</summary>
    /// <param name="name">A name, to be changed whenever the function's values do.</param>
    /// <param name="reward">Gives the reward of one answer, a finite number of which more is better; it is called once for each of the two, without a rival.</param>
    /// <param name="scale">What difference of rewards makes odds of e to 1, above 0; 1 for a model that was trained on pairs.</param>
    /// <param name="needsReference">Whether the function needs the reference.</param>
    /// <returns>The scorer.</returns>
    /// <exception cref="ArgumentException"><paramref name="name"/> is empty, or <paramref name="scale"/> not above 0.</exception>
    public static DelegateResponseScorer FromRewardDifference(string name, Func<ScoringRequest, CancellationToken, ValueTask<double>> reward, double scale = 1, bool needsReference = false)
    {
        ArgumentNullException.ThrowIfNull(reward);
        CheckScale(scale);
        return new(
            name,
            string.Create(CultureInfo.InvariantCulture, $"difference {scale:R} {name}"),
            isPairwise: true,
            needsReference,
            async (request, token) =>
            {
                double own = Finite(name, await reward(request with { Rival = null }, token).ConfigureAwait(false));
                double rival = Finite(name, await reward(request with { Response = request.RequireRival(name), Rival = null }, token).ConfigureAwait(false));
                return Logistic((own - rival) / scale);
            });
    }

    /// <inheritdoc/>
    public async ValueTask<ResponseScore> ScoreAsync(ScoringRequest request, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        if (IsPairwise)
        {
            request.RequireRival(Name);
        }

        if (NeedsReference)
        {
            request.RequireReference(Name);
        }

        double score = await _score(request, cancellationToken).ConfigureAwait(false);
        return score is >= 0 and <= 1
            ? new ResponseScore(score, CallCost.None)
            : throw new ScoringException($"The scorer '{Name}' gave {score}, which is no score in [0, 1]; map an unbounded reward with {nameof(FromReward)}.", CallCost.None);
    }

    private static double Logistic(double x) => 1 / (1 + Math.Exp(-x));

    private static double Finite(string name, double reward) =>
        double.IsFinite(reward) ? reward : throw new ScoringException($"The scorer '{name}' gave the reward {reward}; expected a finite number.", CallCost.None);

    private static void CheckScale(double scale)
    {
        if (scale is not (> 0 and < double.PositiveInfinity))
        {
            throw new ArgumentOutOfRangeException(nameof(scale), scale, "A scale is a finite number above 0.");
        }
    }
}
