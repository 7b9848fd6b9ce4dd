namespace RouteLLM.Training;

/// <summary>Has prompts answered by several models, has the answers scored, and writes a training file of them: rows that trainers and <see cref="LabelRules"/> read.</summary>
/// <remarks>
/// <para>
/// Nothing is paid for twice. Every answer and every judgement is appended to a journal, on disk, as soon as it arrives; a run that was killed, cancelled or stopped by its spending cap is continued by running it again, and asks only for what is missing.
/// What is under way when a process is killed is lost, at most one answer or judgement for each of <see cref="CollectionOptions.MaxConcurrency"/> (a pairwise judgement is two calls). Entries are found by a hash of the prompt with its id, the model, its
/// settings and the sample's number; of a judgement, by the texts judged and the scorer's settings. Who changes any of these pays anew, and who changes them back does not.
/// </para>
/// <para>
/// A call that fails even when repeated leaves its row without that score; the failure is in the journal and in the result, and the next run tries it again. With a pairwise scorer, a model's score is the mean over its rivals, wins being 1 and ties
/// 0.5. With several samples, answers of the same number are compared, and a row's score is the samples' mean.
/// </para>
/// <para>The journal holds prompts' answers in plain text. A journal is used by one collector at a time. Clients are used, not owned.</para>
/// </remarks>
/// <example>
/// <code>
/// var collector = new AnswerCollector(
///     [new CollectionModel("gpt-4.1", strong) { Price = new TokenPrice(2m, 8m) }, new CollectionModel("gpt-4.1-mini", weak) { Price = new TokenPrice(0.4m, 1.6m) }],
///     new CollectionOptions { JournalPath = "journal.jsonl", OutputPath = "rows.jsonl", Scorer = new PairwiseJudgeScorer(judge) });
/// CollectionPlan plan = collector.Plan(CollectionPromptReader.ReadFile("prompts.jsonl"));
/// Console.WriteLine(plan);                                  // what it will cost: go on, or do not
/// CollectionResult result = await collector.RunAsync(plan);
/// LabelingResult labels = LabelRules.FromScores(result.Rows.Select(row => row.Row), "gpt-4.1", "gpt-4.1-mini");
/// </code>
/// </example>
public sealed class AnswerCollector
{
    private readonly CollectionSetup _setup;
    private readonly CollectionOptions _options;
    private readonly TimeProvider _timeProvider;

    /// <summary>Initializes a new instance of the <see cref="AnswerCollector"/> class.</summary>
    /// <param name="models">The models, at least one, with names that differ; at least two for a pairwise scorer.</param>
    /// <param name="options">The journal, the scorer and more.</param>
    /// <param name="timeProvider">The clock for retries, time limits and the journal, or <see langword="null"/> for the system's.</param>
    /// <exception cref="ArgumentException">The models or options are not valid, or there is a spending cap but a model or the scorer has no price.</exception>
    public AnswerCollector(IEnumerable<CollectionModel> models, CollectionOptions options, TimeProvider? timeProvider = null)
    {
        ArgumentNullException.ThrowIfNull(models);
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        CollectionModel[] all = [.. models];
        Check(all, options);
        _options = new CollectionOptions
        {
            JournalPath = options.JournalPath,
            OutputPath = options.OutputPath,
            Scorer = options.Scorer,
            Samples = options.Samples,
            MaxConcurrency = options.MaxConcurrency,
            Retry = options.Retry,
            SpendingCap = options.SpendingCap,
            MaxFailuresInARow = options.MaxFailuresInARow,
        };
        _setup = new CollectionSetup(all, options.Scorer, options.Samples);
        _timeProvider = timeProvider ?? TimeProvider.System;
    }

    /// <summary>Says what is missing and what it is estimated to cost. Nothing is called, and no file is changed.</summary>
    /// <param name="prompts">The prompts, with ids that differ.</param>
    /// <returns>The plan, for <see cref="RunAsync"/>.</returns>
    /// <exception cref="ArgumentException">Two prompts have the same id, a prompt is empty, or it has no reference though the scorer needs one.</exception>
    /// <exception cref="Evaluation.EvaluationDataException">A line of the journal cannot be read.</exception>
    /// <exception cref="IOException">The journal cannot be read.</exception>
    public CollectionPlan Plan(IEnumerable<CollectionPrompt> prompts)
    {
        ArgumentNullException.ThrowIfNull(prompts);
        CollectionPrompt[] all = [.. prompts];
        Check(all);
        JournalContents journal = CollectionJournal.Read(_options.JournalPath);
        return new CollectionPlan(
            this,
            all,
            [.. Enumerable.Range(0, _setup.Models.Count).Select(i => PlanAnswers(all, journal, i))],
            _setup.Scorer is null ? null : PlanJudgements(all, journal, _setup.Scorer),
            journal.Cost);
    }

    /// <summary>Asks for all that is missing, and writes the training file.</summary>
    /// <param name="plan">The plan, made by this collector. What the journal has got since is not asked for.</param>
    /// <param name="progress">Told after every answer and judgement, one at a time and from any thread; <see langword="null"/> for nobody.</param>
    /// <param name="cancellationToken">Cancels the calls. What has arrived stays in the journal; the training file is not written, see <see cref="Export"/>.</param>
    /// <returns>The rows, what failed, and what it cost.</returns>
    /// <exception cref="ArgumentException">The plan is another collector's.</exception>
    /// <exception cref="Evaluation.EvaluationDataException">A line of the journal cannot be read.</exception>
    /// <exception cref="IOException">A file cannot be written, or the journal is in use.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public async Task<CollectionResult> RunAsync(CollectionPlan plan, IProgress<CollectionProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        Check(plan);
        cancellationToken.ThrowIfCancellationRequested();
        using CollectionJournal journal = CollectionJournal.Open(_options.JournalPath, _timeProvider);
        var run = new CollectionRun(_setup, _options, journal, plan, progress, _timeProvider);
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = _options.MaxConcurrency, CancellationToken = cancellationToken };
        await Parallel.ForEachAsync(plan.Prompts, parallel, run.CollectAsync).ConfigureAwait(false);
        return WriteRows(plan, journal.Contents) with { Failures = run.Failures, CapReached = run.CapReached, Spent = run.Spent };
    }

    /// <summary>Writes the training file from what the journal holds, without asking for anything: after a run that was cancelled or killed, for instance.</summary>
    /// <param name="plan">The plan, made by this collector.</param>
    /// <returns>The rows and how much is missing; nothing was spent, and nothing failed.</returns>
    /// <inheritdoc cref="RunAsync" path="/exception[not(@cref='T:System.OperationCanceledException')]"/>
    public CollectionResult Export(CollectionPlan plan)
    {
        Check(plan);
        return WriteRows(plan, CollectionJournal.Read(_options.JournalPath));
    }

    private CollectionResult WriteRows(CollectionPlan plan, JournalContents journal)
    {
        (SampledRow Row, int Missing)[] rows = [.. plan.Prompts.Select(prompt => CollectionRows.Create(_setup, journal, prompt))];
        if (_options.OutputPath is { } path)
        {
            CollectionRows.Write(path, rows.Select(static row => row.Row), withSamples: _setup.Samples > 1);
        }

        return new CollectionResult([.. rows.Select(static row => row.Row)], [], rows.Sum(static row => row.Missing), false, CallCost.None, journal.Cost);
    }

    private CollectionPlanPart PlanAnswers(CollectionPrompt[] prompts, JournalContents journal, int index)
    {
        CollectionModel model = _setup.Models[index];
        int missing = 0;
        decimal usd = 0;
        foreach (CollectionPrompt prompt in prompts)
        {
            int count = Enumerable.Range(0, _setup.Samples).Count(sample => _setup.FindAnswer(journal, prompt, index, sample) is null);
            missing += count;
            usd += count * model.Price?.CostOf(TokenEstimate.OfPrompt(prompt.Prompt, model.Options.Instructions), model.ExpectedOutputTokens) ?? 0;
        }

        return new CollectionPlanPart(model.Name, prompts.Length * _setup.Samples, missing, missing > 0 && model.Price is null ? null : usd);
    }

    private CollectionPlanPart PlanJudgements(CollectionPrompt[] prompts, JournalContents journal, IResponseScorer scorer)
    {
        int missing = 0;
        decimal? usd = 0;
        foreach (CollectionPrompt prompt in prompts)
        {
            foreach ((int Model, int? Rival) judged in _setup.Judged)
            {
                for (int sample = 0; sample < _setup.Samples; sample++)
                {
                    if (_setup.FindJudgement(journal, prompt, judged, sample) is null)
                    {
                        missing++;
                        int tokens = ResponseTokens(prompt, judged.Model, sample) + (judged.Rival is { } rival ? ResponseTokens(prompt, rival, sample) : 0);
                        usd += scorer.EstimateUsd(prompt.Prompt, prompt.Reference, tokens);
                    }
                }
            }
        }

        return new CollectionPlanPart(scorer.Name, prompts.Length * _setup.JudgementsPerPrompt, missing, usd);

        int ResponseTokens(CollectionPrompt prompt, int model, int sample) =>
            _setup.FindAnswer(journal, prompt, model, sample) is { } answer ? TokenEstimate.Of(answer.Text) : _setup.Models[model].ExpectedOutputTokens;
    }

    private void Check(CollectionPlan plan)
    {
        ArgumentNullException.ThrowIfNull(plan);
        if (plan.Collector != this)
        {
            throw new ArgumentException("The plan was made by another collector; make one with this collector's Plan.", nameof(plan));
        }
    }

    private void Check(CollectionPrompt[] prompts)
    {
        var ids = new HashSet<string>(StringComparer.Ordinal);
        foreach (CollectionPrompt prompt in prompts)
        {
            if (string.IsNullOrWhiteSpace(prompt.Id) || string.IsNullOrWhiteSpace(prompt.Prompt))
            {
                throw new ArgumentException($"The prompt with the id '{prompt.Id}' is empty, or the id is; leave it out or fill it in.", nameof(prompts));
            }

            if (!ids.Add(prompt.Id))
            {
                throw new ArgumentException($"Two prompts have the id '{prompt.Id}'; give each an id of its own.", nameof(prompts));
            }

            if (_setup.Scorer is { NeedsReference: true } scorer && prompt.Reference is null)
            {
                throw new ArgumentException($"The prompt '{prompt.Id}' has no reference, which the scorer '{scorer.Name}' needs; add one, leave the prompt out, or use a judge.", nameof(prompts));
            }
        }
    }

    private static void Check(CollectionModel[] models, CollectionOptions options)
    {
        foreach (CollectionModel model in models)
        {
            model.Validate();
            if (options.SpendingCap is not null && model.Price is null)
            {
                throw new ArgumentException($"There is a spending cap, but the price of '{model.Name}' is not known; set its {nameof(CollectionModel.Price)}.", nameof(models));
            }
        }

        string[] names = [.. models.Select(static model => model.Name)];
        if (names.Length == 0 || names.Distinct(StringComparer.Ordinal).Count() < names.Length)
        {
            throw new ArgumentException($"The models are [{string.Join(", ", names)}]; expected at least one, with names that differ.", nameof(models));
        }

        if (options.Scorer is { IsPairwise: true } && names.Length < 2)
        {
            throw new ArgumentException($"The scorer '{options.Scorer.Name}' compares models, but '{names[0]}' is the only one; add another.", nameof(models));
        }

        if (options.SpendingCap is not null && options.Scorer is { } scorer && scorer.EstimateUsd("", null, 0) is null)
        {
            throw new ArgumentException($"There is a spending cap, but the price of the scorer '{scorer.Name}' is not known; set it in the scorer's options.", nameof(options));
        }
    }
}
