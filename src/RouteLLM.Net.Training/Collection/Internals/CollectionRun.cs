using Microsoft.Extensions.AI;

namespace RouteLLM.Training;

/// <summary>One run of a collector: asks for what the journal lacks, prompt by prompt, one call of a prompt at a time.</summary>
internal sealed class CollectionRun
{
    // No model has this name.
    private const string ScorerKey = "";

    private readonly CollectionSetup _setup;
    private readonly CollectionJournal _journal;
    private readonly ChatCaller[] _callers;
    private readonly SpendingLedger _ledger;
    private readonly CollectionPlan _plan;
    private readonly IProgress<CollectionProgress>? _progress;
    private readonly int _maxFailuresInARow;
    private readonly Lock _lock = new();
    private readonly List<CollectionFailure> _failures = [];
    private readonly Dictionary<string, int> _failuresInARow = new(StringComparer.Ordinal);
    private int _answersDone;
    private int _judgementsDone;
    private volatile bool _capReached;

    public CollectionRun(CollectionSetup setup, CollectionOptions options, CollectionJournal journal, CollectionPlan plan, IProgress<CollectionProgress>? progress, TimeProvider timeProvider)
    {
        _setup = setup;
        _journal = journal;
        _plan = plan;
        _progress = progress;
        _maxFailuresInARow = options.MaxFailuresInARow;
        _callers = [.. setup.Models.Select(model => new ChatCaller(model.Client, model.Price, options.Retry, timeProvider))];
        _ledger = new SpendingLedger(journal.Contents.Cost.Usd, options.SpendingCap);
        foreach (CollectionPrompt prompt in plan.Prompts)
        {
            _answersDone += Count(setup.Models.Count, (i, sample) => setup.FindAnswer(journal.Contents, prompt, i, sample));
            _judgementsDone += Count(setup.Judged.Count, (i, sample) => setup.FindJudgement(journal.Contents, prompt, setup.Judged[i], sample));
        }

        Report();

        int Count(int things, Func<int, int, JournalEntry?> find) =>
            Enumerable.Range(0, things).Sum(i => Enumerable.Range(0, setup.Samples).Count(sample => find(i, sample) is not null));
    }

    public bool CapReached => _capReached;

    public CallCost Spent => _ledger.Spent;

    /// <summary>Gets what failed, in the order of the prompts.</summary>
    public IReadOnlyList<CollectionFailure> Failures
    {
        get
        {
            Dictionary<string, int> order = _plan.Prompts.Index().ToDictionary(static pair => pair.Item.Id, static pair => pair.Index, StringComparer.Ordinal);
            return [.. _failures.OrderBy(failure => order[failure.Id])];
        }
    }

    /// <summary>Collects what a prompt lacks. What fails is noted; only a journal that cannot be written, or a cancellation, ends the run.</summary>
    public async ValueTask CollectAsync(CollectionPrompt prompt, CancellationToken cancellationToken)
    {
        // What was counted at the start.
        HashSet<(int Judged, int Sample)> judgedBefore = [.. Units().Where(unit => _setup.FindJudgement(_journal.Contents, prompt, _setup.Judged[unit.Judged], unit.Sample) is not null)];
        for (int i = 0; i < _setup.Models.Count; i++)
        {
            for (int sample = 0; sample < _setup.Samples && !_capReached; sample++)
            {
                await AnswerAsync(prompt, i, sample, cancellationToken).ConfigureAwait(false);
            }
        }

        foreach ((int judged, int sample) in Units())
        {
            if (!_capReached && !judgedBefore.Contains((judged, sample)))
            {
                await JudgeAsync(prompt, _setup.Judged[judged], sample, cancellationToken).ConfigureAwait(false);
            }
        }

        IEnumerable<(int Judged, int Sample)> Units() =>
            Enumerable.Range(0, _setup.Judged.Count).SelectMany(judged => Enumerable.Range(0, _setup.Samples).Select(sample => (judged, sample)));
    }

    private async ValueTask AnswerAsync(CollectionPrompt prompt, int index, int sample, CancellationToken cancellationToken)
    {
        CollectionModel model = _setup.Models[index];
        string key = _setup.AnswerKey(prompt, index, sample);
        var failure = new CollectionFailure(CollectionStage.Answer, prompt.Id, model.Name, null, sample, "");
        ChatOptions options = _setup.OptionsOf(index, sample);
        decimal estimate = model.Price?.CostOf(TokenEstimate.OfPrompt(prompt.Prompt, options.Instructions), options.MaxOutputTokens ?? model.ExpectedOutputTokens) ?? 0;
        if (_journal.Contents.Find(key) is not null || !TryBegin(model.Name, failure, estimate))
        {
            return;
        }

        JournalEntry entry;
        try
        {
            (ChatResponse response, CallCost cost) = await _callers[index].AskAsync([new ChatMessage(ChatRole.User, prompt.Prompt)], options, cancellationToken).ConfigureAwait(false);
            entry = new JournalEntry(JournalKind.Answer, key, prompt.Id, model.Name, sample, cost)
            {
                // As it will be read again, or its judgement would not be found.
                Text = JournalFormat.WellFormed(response.Text),
                ModelId = response.ModelId,
                FinishReason = response.FinishReason?.Value,
            };
        }
        catch (Exception error) when (!cancellationToken.IsCancellationRequested)
        {
            End(model.Name, estimate, Failed(key, failure, error, CallCost.None), failure with { Problem = Describe(error) });
            return;
        }

        End(model.Name, estimate, entry, failure: null);
    }

    private async ValueTask JudgeAsync(CollectionPrompt prompt, (int Model, int? Rival) judged, int sample, CancellationToken cancellationToken)
    {
        IResponseScorer scorer = _setup.Scorer!;
        if (_setup.FindAnswer(_journal.Contents, prompt, judged.Model, sample) is not { Text: { } response } || !_setup.FindRival(_journal.Contents, prompt, judged.Rival, sample, out string? rival))
        {
            // The answer that is missing is the failure.
            return;
        }

        string key = _setup.JudgementKey(prompt, response, rival);
        string model = _setup.Models[judged.Model].Name;
        var failure = new CollectionFailure(CollectionStage.Judgement, prompt.Id, model, judged.Rival is { } index ? _setup.Models[index].Name : null, sample, "");
        decimal estimate = scorer.EstimateUsd(prompt.Prompt, prompt.Reference, TokenEstimate.Of(response) + TokenEstimate.Of(rival)) ?? 0;
        if (_journal.Contents.Find(key) is not null)
        {
            // Another sample, or another model, gave the same answer.
            lock (_lock)
            {
                _judgementsDone++;
                Report();
            }

            return;
        }

        if (!TryBegin(ScorerKey, failure, estimate))
        {
            return;
        }

        JournalEntry entry;
        try
        {
            ResponseScore score = await scorer.ScoreAsync(new ScoringRequest(prompt.Prompt, response) { Rival = rival, Reference = prompt.Reference }, cancellationToken).ConfigureAwait(false);
            if (score.Score is not (>= 0 and <= 1))
            {
                throw new ScoringException($"The scorer '{scorer.Name}' gave {score.Score}; expected a score in [0, 1].", score.Cost);
            }

            entry = new JournalEntry(JournalKind.Judgement, key, prompt.Id, model, sample, score.Cost) { Rival = failure.Rival, Score = score.Score };
        }
        catch (Exception error) when (!cancellationToken.IsCancellationRequested)
        {
            End(ScorerKey, estimate, Failed(key, failure, error, error is ScoringException { Cost: var paid } ? paid : CallCost.None), failure with { Problem = Describe(error) });
            return;
        }

        End(ScorerKey, estimate, entry, failure: null);
    }

    /// <summary>Asks whether a call may be made, and sets its price aside.</summary>
    /// <param name="who">The model, or <see cref="ScorerKey"/>.</param>
    /// <param name="failure">What is noted if not.</param>
    /// <param name="estimate">What the call is estimated to cost, in USD.</param>
    private bool TryBegin(string who, CollectionFailure failure, decimal estimate)
    {
        lock (_lock)
        {
            if (_failuresInARow.GetValueOrDefault(who) >= _maxFailuresInARow)
            {
                _failures.Add(failure with { Problem = $"It was not asked, since {_maxFailuresInARow} calls in a row had failed before." });
                Report();
                return false;
            }

            if (!_ledger.TryReserve(estimate))
            {
                _capReached = true;
                return false;
            }

            return true;
        }
    }

    /// <summary>Records what came of a call.</summary>
    private void End(string who, decimal estimate, JournalEntry entry, CollectionFailure? failure)
    {
        lock (_lock)
        {
            _journal.Append(entry);
            _ledger.Settle(estimate, entry.Cost);
            _failuresInARow[who] = failure is null ? 0 : _failuresInARow.GetValueOrDefault(who) + 1;
            if (failure is not null)
            {
                _failures.Add(failure);
            }
            else if (entry.Kind == JournalKind.Answer)
            {
                _answersDone++;
            }
            else
            {
                _judgementsDone++;
            }

            Report();
        }
    }

    private static JournalEntry Failed(string key, CollectionFailure failure, Exception error, CallCost cost) =>
        new(JournalKind.Failure, key, failure.Id, failure.Model, failure.Sample, cost) { Rival = failure.Rival, Text = $"{failure.Stage}: {Describe(error)}" };

    private static string Describe(Exception error) => $"{error.GetType().Name}: {error.Message}";

    private void Report() => _progress?.Report(new CollectionProgress(
        _answersDone,
        _plan.Prompts.Count * _setup.AnswersPerPrompt,
        _judgementsDone,
        _plan.Prompts.Count * _setup.JudgementsPerPrompt,
        _failures.Count,
        _ledger.Spent,
        _plan.EstimatedUsd));
}
