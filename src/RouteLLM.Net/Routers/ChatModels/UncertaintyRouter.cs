using System.Globalization;
using System.Text;
using Microsoft.Extensions.AI;

namespace RouteLLM;

/// <summary>Routes by how unsure a cheap model is: it drafts a short answer, and high uncertainty speaks for the strong model.</summary>
/// <remarks>
/// <para>
/// With log-probabilities (<see cref="UncertaintyRouterOptions.LogProbabilities"/>) the score is 1 - exp(mean log-probability of the draft's tokens): one minus the geometric mean of the probabilities the model gave to its own
/// words, the length-normalised likelihood of Malinin and Gales, "Uncertainty Estimation in Autoregressive Structured Prediction" (2021).
/// </para>
/// <para>
/// Without them, some drafts are sampled and compared, as in self-consistency (Wang et al., 2023): the score is the entropy of the answers' distribution, after normalising, divided by the logarithm of their number. All alike give 0,
/// all different give 1; four drafts know only 0, .41, .5, .75 and 1. Agreement says something where answers are short; drafts of a poem never agree, and send every poem to the strong model.
/// </para>
/// <para>
/// The score lies in [0, 1] and grows with the probability that the strong model's answer is better, but it is no calibrated probability, and a tie has no part in it: choose its threshold on traffic of your own, or give it
/// <see cref="ChatModelRouterOptions.Quantiles"/> and choose a strong share. A model that is surely wrong is not found out.
/// </para>
/// <para>
/// Drafts are sampled at temperature 1, from the model's own distribution, so that the mean log-probability of a draft estimates its entropy, and drafts that agree do so because the model is sure; at temperature 0 they
/// would always agree.
/// </para>
/// <para>What routers that ask a model have in common (cache, shared calls, time limit, fallback, cost) is told on <see cref="ChatModelRouter"/>.</para>
/// </remarks>
public sealed class UncertaintyRouter : ChatModelRouter
{
    private readonly string _instructions;
    private readonly int _drafts;
    private readonly Func<ChatResponse, IReadOnlyList<double>?>? _logProbabilities;
    private readonly Func<string, string> _normalize;

    /// <summary>Initializes a new instance of the <see cref="UncertaintyRouter"/> class.</summary>
    /// <param name="client">The client of the cheap model, often the weak model itself. It is not disposed.</param>
    /// <param name="options">Where log-probabilities come from, the fallback, the time limit, the cache, and more; the defaults if <see langword="null"/>. Read once.</param>
    /// <param name="timeProvider">The clock for the time limit, or <see langword="null"/> for the system's.</param>
    /// <exception cref="ArgumentNullException"><paramref name="client"/> is <see langword="null"/>.</exception>
    /// <exception cref="ArgumentException">The options are not valid.</exception>
    public UncertaintyRouter(IChatClient client, UncertaintyRouterOptions? options = null, TimeProvider? timeProvider = null)
        : base(
            client,
            options ??= new UncertaintyRouterOptions(),
            "uncertainty",
            string.Create(CultureInfo.InvariantCulture, $"{options.LogProbabilities is not null} {options.Drafts}\n{options.Instructions}"),
            new ChatOptions { Temperature = 1, MaxOutputTokens = options.MaxDraftTokens },
            timeProvider)
    {
        _instructions = options.Instructions;
        _drafts = options.Drafts;
        _logProbabilities = options.LogProbabilities;
        _normalize = options.AnswerNormalizer;
    }

    /// <summary>Brings an answer into the form in which answers are compared: lower case, compatibility characters composed, white space single, punctuation gone but for a number's sign and decimal point.</summary>
    /// <param name="answer">The answer.</param>
    /// <returns>The normal form; empty if there is nothing but punctuation and white space.</returns>
    public static string NormalizeAnswer(string answer)
    {
        ArgumentNullException.ThrowIfNull(answer);
        string text = Composed(answer);
        var normal = new StringBuilder(text.Length);
        bool space = false;
        for (int i = 0; i < text.Length; i++)
        {
            char c = text[i];
            bool digitFollows = i + 1 < text.Length && char.IsDigit(text[i + 1]);
            bool digitBefore = i > 0 && char.IsDigit(text[i - 1]);
            bool partOfNumber = digitFollows && ((c == '.' && digitBefore) || (c == '-' && (i == 0 || char.IsWhiteSpace(text[i - 1]))));
            if (char.IsWhiteSpace(c))
            {
                space = true;
            }
            else if (!char.IsPunctuation(c) || partOfNumber)
            {
                normal.Append(space && normal.Length > 0 ? " " : "").Append(char.ToLowerInvariant(c));
                space = false;
            }
        }

        return normal.ToString();
    }

    /// <inheritdoc/>
    private protected override double ToWinProbability(double measure) => measure;

    /// <inheritdoc/>
    private protected override async Task<double> MeasureAsync(string text, CancellationToken cancellationToken)
    {
        if (_logProbabilities is null)
        {
            return Disagreement(await Task.WhenAll(Enumerable.Range(0, _drafts).Select(_ => DraftAsync(text, cancellationToken))).ConfigureAwait(false));
        }

        ChatResponse first = await DraftAsync(text, cancellationToken).ConfigureAwait(false);
        if (_logProbabilities(first) is { Count: > 0 } logProbabilities)
        {
            return Improbability(logProbabilities);
        }

        if (_drafts == 1)
        {
            throw new UnusableAnswerException("The draft comes without log-probabilities. Ask the provider for them with ConfigureOptions, or set Drafts to 2 or more to compare drafts instead.");
        }

        ChatResponse[] others = await Task.WhenAll(Enumerable.Range(1, _drafts - 1).Select(_ => DraftAsync(text, cancellationToken))).ConfigureAwait(false);
        return Disagreement([first, .. others]);
    }

    private Task<ChatResponse> DraftAsync(string text, CancellationToken cancellationToken) =>
        AskAsync([new(ChatRole.System, _instructions), new(ChatRole.User, text)], cancellationToken);

    private static double Improbability(IReadOnlyList<double> logProbabilities)
    {
        double sum = 0;
        foreach (double logProbability in logProbabilities)
        {
            // Providers round, so that a sure token may come out a little above 0.
            if (logProbability is not <= 1e-3)
            {
                throw new UnusableAnswerException($"A token's log-probability is {logProbability}; expected natural logarithms of probabilities, at most 0. Check what LogProbabilities takes from the response.");
            }

            sum += Math.Min(logProbability, 0);
        }

        return 1 - Math.Exp(sum / logProbabilities.Count);
    }

    private double Disagreement(ChatResponse[] drafts)
    {
        string[] answers = [.. drafts.Select(draft => _normalize(draft.Text))];
        if (Array.Exists(answers, static answer => answer.Length == 0))
        {
            throw new UnusableAnswerException("A draft has no text to compare. If the model reasons before it answers, raise MaxDraftTokens.");
        }

        double entropy = 0;
        foreach (int count in answers.CountBy(static answer => answer, StringComparer.Ordinal).Select(static pair => pair.Value))
        {
            double share = (double)count / answers.Length;
            entropy += share * Math.Log(1 / share);
        }

        // Rounding may leave the bounds by a little.
        return Math.Clamp(entropy / Math.Log(answers.Length), 0, 1);
    }

    private static string Composed(string text)
    {
        try
        {
            return text.Normalize(NormalizationForm.FormKC);
        }
        catch (ArgumentException)
        {
            // An unpaired surrogate has no normal form.
            return text;
        }
    }
}
