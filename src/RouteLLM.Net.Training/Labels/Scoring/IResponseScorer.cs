namespace RouteLLM.Training;

/// <summary>Says how good an answer to a prompt is, from 0 to 1: by a rule, a reward model, or a judging chat model.</summary>
/// <remarks>
/// A scorer is either pointwise, and scores one answer, or pairwise, and scores an answer against a rival's: 1 if it is better, 0 if it is worse, 0.5 for a tie, or a probability. Implementations are safe to call from many threads.
/// </remarks>
public interface IResponseScorer
{
    /// <summary>Gets the scorer's name, for messages and reports.</summary>
    string Name { get; }

    /// <summary>Gets a text that changes whenever the same answers could score differently: model, instructions, settings. Scores are kept under it, and asked for anew when it changes.</summary>
    string Fingerprint { get; }

    /// <summary>Gets a value indicating whether <see cref="ScoringRequest.Rival"/> is needed.</summary>
    bool IsPairwise { get; }

    /// <summary>Gets a value indicating whether <see cref="ScoringRequest.Reference"/> is needed.</summary>
    bool NeedsReference { get; }

    /// <summary>Scores an answer.</summary>
    /// <param name="request">The prompt, the answer and, where they are needed, the rival's answer and the reference.</param>
    /// <param name="cancellationToken">Cancels the scoring.</param>
    /// <returns>The score in [0, 1] and what it cost.</returns>
    /// <exception cref="ArgumentException">The rival's answer or the reference is needed but missing.</exception>
    /// <exception cref="ScoringException">There is no score to be had; what it cost all the same is in the exception.</exception>
    ValueTask<ResponseScore> ScoreAsync(ScoringRequest request, CancellationToken cancellationToken = default);

    /// <summary>Estimates what a score will cost, in USD; 0 unless a scorer says otherwise.</summary>
    /// <param name="prompt">The prompt.</param>
    /// <param name="reference">The reference answer, or <see langword="null"/>.</param>
    /// <param name="responseTokens">How many tokens the answer has, with the rival's if there is one.</param>
    /// <returns>The estimate, or <see langword="null"/> if prices are not known.</returns>
    decimal? EstimateUsd(string prompt, string? reference, int responseTokens) => 0;
}
