using System.Globalization;
using Microsoft.Extensions.AI;

namespace RouteLLM.Training;

/// <summary>What a collector asks for: the units of work of a prompt, and the keys they are found by in the journal.</summary>
internal sealed class CollectionSetup
{
    private readonly ChatOptions[] _options;
    private readonly string[] _settings;

    public CollectionSetup(IReadOnlyList<CollectionModel> models, IResponseScorer? scorer, int samples)
    {
        Models = models;
        Scorer = scorer;
        Samples = samples;

        // Cloned, so that what is sent stays what the keys say.
        _options = [.. models.Select(static model => model.Options.Clone())];
        _settings = [.. models.Zip(_options, static (model, options) => ChatSettings.Describe(options, model.Client))];

        // The pairs' orientation depends on the names alone, so that the order in which models are listed makes no difference.
        int[] byName = [.. Enumerable.Range(0, models.Count).OrderBy(i => models[i].Name, StringComparer.Ordinal)];
        Judged = scorer switch
        {
            null => [],
            { IsPairwise: true } => [.. from a in Enumerable.Range(0, byName.Length) from b in Enumerable.Range(0, byName.Length) where a < b select (byName[a], (int?)byName[b])],
            _ => [.. Enumerable.Range(0, models.Count).Select(static i => (i, (int?)null))],
        };
    }

    public IReadOnlyList<CollectionModel> Models { get; }

    public IResponseScorer? Scorer { get; }

    public int Samples { get; }

    /// <summary>Gets the models, or the pairs of models, whose answers are judged, by index.</summary>
    public IReadOnlyList<(int Model, int? Rival)> Judged { get; }

    public int AnswersPerPrompt => Models.Count * Samples;

    public int JudgementsPerPrompt => Judged.Count * Samples;

    /// <summary>Gives a copy of what is sent with a model's call for a sample.</summary>
    public ChatOptions OptionsOf(int model, int sample)
    {
        ChatOptions options = _options[model].Clone();
        options.Seed += sample;
        return options;
    }

    public string AnswerKey(CollectionPrompt prompt, int model, int sample) =>
        ChatSettings.Hash("answer", prompt.Id, prompt.Prompt, Models[model].Name, _settings[model], sample.ToString(CultureInfo.InvariantCulture));

    public JournalEntry? FindAnswer(JournalContents journal, CollectionPrompt prompt, int model, int sample) => journal.Find(AnswerKey(prompt, model, sample));

    /// <summary>Gives the key of a judgement. It depends on the texts judged, so that an answer that was asked for anew is judged anew.</summary>
    public string JudgementKey(CollectionPrompt prompt, string response, string? rival) =>
        ChatSettings.Hash("judgement", prompt.Id, prompt.Prompt, prompt.Reference, Scorer!.Fingerprint, response, rival);

    /// <summary>Finds a judgement, or <see langword="null"/> if it or one of the answers is missing.</summary>
    public JournalEntry? FindJudgement(JournalContents journal, CollectionPrompt prompt, (int Model, int? Rival) judged, int sample) =>
        FindAnswer(journal, prompt, judged.Model, sample) is { } answer && FindRival(journal, prompt, judged.Rival, sample, out string? rival)
            ? journal.Find(JudgementKey(prompt, answer.Text!, rival))
            : null;

    /// <summary>Finds the rival's answer.</summary>
    /// <returns>Whether there is all that is needed: the answer, or no rival.</returns>
    public bool FindRival(JournalContents journal, CollectionPrompt prompt, int? model, int sample, out string? text)
    {
        text = model is { } index ? FindAnswer(journal, prompt, index, sample)?.Text : null;
        return model is null || text is not null;
    }
}
