using System.Text;
using Microsoft.Extensions.AI;

namespace RouteLLM;

/// <summary>Lets a cheap model draft a short answer; the less sure it is of it, the likelier the strong model's answer is better.</summary>
/// <remarks>
/// <para>
/// From log-probabilities, where the provider gives them: 1 - exp(mean log-probability), that is 1 minus the geometric mean of the tokens' probabilities. Else from the agreement of several short
/// drafts at temperature 1: the entropy of the distribution of drafts, divided by its maximum, log n; drafts that differ only in case, white space and punctuation are the same.
/// </para>
/// <para>
/// It is a measure of uncertainty and not calibrated as a win probability: choose its threshold by its scores on traffic of your own. Agreement suits short answers; long ones nearly always differ, so
/// the drafts are asked to be brief.
/// </para>
/// </remarks>
public sealed class UncertaintyRouter : ChatModelRouter
{
    private const string Instruction = "Answer in as few words as possible, without explanation.";

    private readonly int _maxDraftTokens;
    private readonly int _drafts;
    private readonly Func<ChatResponse, IReadOnlyList<double>?>? _logProbabilities;

    /// <summary>Initializes a new instance of the <see cref="UncertaintyRouter"/> class.</summary>
    /// <param name="client">The cheap model. It must not be routed by this router.</param>
    /// <param name="options">The settings, or <see langword="null"/> for the defaults; read once.</param>
    /// <param name="timeProvider">The clock for the time limit, or <see langword="null"/> for the system's.</param>
    /// <exception cref="ArgumentNullException"><paramref name="client"/> is <see langword="null"/>.</exception>
    /// <exception cref="ArgumentException">The options are not valid.</exception>
    public UncertaintyRouter(IChatClient client, UncertaintyRouterOptions? options = null, TimeProvider? timeProvider = null)
        : base(client, options ??= new(), "uncertainty", options.LogProbabilities is null ? $"agreement-{options.Drafts}" : "log-probabilities", timeProvider)
    {
        _maxDraftTokens = options.MaxDraftTokens;
        _drafts = options.Drafts;
        _logProbabilities = options.LogProbabilities;
    }

    private protected override async Task<double> PredictAsync(string prompt, CancellationToken cancellationToken)
    {
        if (_logProbabilities is not null)
        {
            ChatResponse response = await DraftAsync(prompt, temperature: 0, cancellationToken).ConfigureAwait(false);
            return _logProbabilities(response) is { Count: > 0 } logs && logs.All(static log => log <= 0)
                ? 1 - Math.Exp(logs.Average())
                : throw new InvalidOperationException("The draft came without log-probabilities, or with some above 0. See that the provider was asked for them, or go by agreement.");
        }

        ChatResponse[] drafts = await Task.WhenAll(Enumerable.Range(0, _drafts).Select(_ => DraftAsync(prompt, temperature: 1, cancellationToken))).ConfigureAwait(false);
        double entropy = drafts.GroupBy(static draft => Normalize(draft.Text), StringComparer.Ordinal)
            .Select(group => (double)group.Count() / _drafts)
            .Sum(static share => -share * Math.Log(share));
        return Math.Clamp(entropy / Math.Log(_drafts), 0, 1);
    }

    private Task<ChatResponse> DraftAsync(string prompt, float temperature, CancellationToken cancellationToken) =>
        AskAsync([new(ChatRole.System, Instruction), new(ChatRole.User, prompt)], new ChatOptions { Temperature = temperature, MaxOutputTokens = _maxDraftTokens }, cancellationToken);

    private static string Normalize(string text)
    {
        var normalized = new StringBuilder(text.Length);
        foreach (char c in text)
        {
            if (char.IsLetterOrDigit(c))
            {
                normalized.Append(char.ToLowerInvariant(c));
            }
        }

        return normalized.ToString();
    }
}
