using RouteLLM.Evaluation;

namespace RouteLLM.Training;

/// <summary>How a transfer study is done.</summary>
public sealed record TransferOptions
{
    /// <summary>Gets the strong model's name in the rows' scores.</summary>
    public required string StrongModel { get; init; }

    /// <summary>Gets the weak model's name in the rows' scores.</summary>
    public required string WeakModel { get; init; }

    /// <summary>Gets the scale of the rows' scores; [0, 1] by default, which is what trainers expect.</summary>
    public ScoreScale Scale { get; init; } = ScoreScale.Unit;

    /// <summary>Gets the source that a row counts to. By default it is the largest set that its source is part of: <c>mmlu</c> for <c>mmlu/anatomy</c>.</summary>
    public Func<EvaluationRow, string> SourceOf { get; init; } = static row => row.Source.Split('/', 2)[0];

    /// <summary>
    /// Gets the group of a row: rows of a group are never trained on when one of them is tested on, whatever their sources. By default it is the prompt, so that a question which two sources share helps neither; give
    /// variations of one prompt a group of their own.
    /// </summary>
    public Func<EvaluationRow, string> GroupOf { get; init; } = static row => row.Prompt;

    /// <summary>Gets which rows may be trained on; all by default.</summary>
    public Func<EvaluationRow, bool> CanTrainOn { get; init; } = static _ => true;

    /// <summary>Gets which rows are tested on; all by default. Rows that are both trained and tested on are held out fold by fold.</summary>
    public Func<EvaluationRow, bool> CanTestOn { get; init; } = static _ => true;

    /// <summary>Gets a value indicating whether routers are also trained on each source alone and tested on all of them; <see langword="false"/> by default. It takes <see cref="Folds"/> + 1 trainings more a source.</summary>
    public bool TrainOnEachSource { get; init; }

    /// <summary>Gets the number of parts that cross-validation holds out in turn, at least 2; 5 by default.</summary>
    public int Folds { get; init; } = 5;

    /// <summary>Gets the seed of the folds; 0 by default.</summary>
    public int Seed { get; init; }

    /// <summary>Gets how intervals are resampled.</summary>
    public BootstrapOptions Bootstrap { get; init; } = new();

    internal void Validate()
    {
        LabelRules.CheckModels(StrongModel, WeakModel);
        ArgumentOutOfRangeException.ThrowIfLessThan(Folds, 2, nameof(Folds));
    }
}
