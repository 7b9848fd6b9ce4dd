using RouteLLM.Evaluation;

namespace RouteLLM.Training;

/// <summary>Trains a router on some rows: any trainer, with its options. It must give the same router for the same rows.</summary>
/// <param name="rows">The rows: those with scores of both models, and those that are rated.</param>
/// <param name="cancellationToken">Cancels the training.</param>
/// <returns>The router.</returns>
/// <exception cref="ArgumentException">A router cannot be trained on these rows, as all trainers of this library say it: too few of them, or all labelled the same.</exception>
public delegate Task<IRouter> RouterTrainer(IReadOnlyList<EvaluationRow> rows, CancellationToken cancellationToken);
