using System.Globalization;

namespace RouteLLM.Training;

/// <summary>Scores an answer 1 if it agrees with the reference and 0 if not: texts, numbers or letters of choices.</summary>
/// <remarks>An answer in which no number or letter is found is wrong. A reference in which none is found is an error.</remarks>
public sealed class ExactMatchScorer : IResponseScorer
{
    private readonly AnswerKind _kind;
    private readonly bool _caseSensitive;
    private readonly double _tolerance;
    private readonly char _lastChoice;

    /// <summary>Initializes a new instance of the <see cref="ExactMatchScorer"/> class.</summary>
    /// <param name="options">What is compared and how; the defaults if <see langword="null"/>.</param>
    /// <exception cref="ArgumentException">The options are not valid.</exception>
    public ExactMatchScorer(ExactMatchScorerOptions? options = null)
    {
        options ??= new ExactMatchScorerOptions();
        options.Validate();
        (_kind, _caseSensitive, _tolerance, _lastChoice) = (options.Kind, options.CaseSensitive, options.Tolerance, options.LastChoice);
    }

    /// <inheritdoc/>
    public string Name => "exact-match";

    /// <inheritdoc/>
    public string Fingerprint => string.Create(CultureInfo.InvariantCulture, $"exact-match/1 {_kind} {_caseSensitive} {_tolerance:R} {_lastChoice}");

    /// <inheritdoc/>
    public bool IsPairwise => false;

    /// <inheritdoc/>
    public bool NeedsReference => true;

    /// <inheritdoc/>
    public ValueTask<ResponseScore> ScoreAsync(ScoringRequest request, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        cancellationToken.ThrowIfCancellationRequested();
        return new(new ResponseScore(Matches(request.Response, request.RequireReference(Name)) ? 1 : 0, CallCost.None));
    }

    private bool Matches(string response, string reference)
    {
        switch (_kind)
        {
            case AnswerKind.LastNumber:
                double right = AnswerText.LastNumber(reference) ?? throw Unreadable("number");
                return AnswerText.LastNumber(response) is { } number && Math.Abs(number - right) <= _tolerance * Math.Abs(right);
            case AnswerKind.Choice:
                char letter = AnswerText.Choice(reference, _lastChoice) ?? throw Unreadable($"letter from A to {_lastChoice}");
                return AnswerText.Choice(response, _lastChoice) == letter;
            default:
                return string.Equals(AnswerText.Normalize(response), AnswerText.Normalize(reference), _caseSensitive ? StringComparison.Ordinal : StringComparison.OrdinalIgnoreCase);
        }
    }

    private ScoringException Unreadable(string what) => new($"The reference holds no {what} to compare with; correct it, or compare something else than {_kind}.", CallCost.None);
}
