namespace RouteLLM.Training;

/// <summary>Fits a problem with each penalty and each part held out, chooses the penalty, and fits all rows with it.</summary>
internal sealed class LinearCrossValidation
{
    private readonly LinearProblem _problem;
    private readonly LinearTrainingOptions _options;
    private readonly IProgress<LinearTrainingProgress>? _progress;
    private readonly CancellationToken _cancellationToken;
    private readonly int _fits;
    private int _done;

    private LinearCrossValidation(LinearProblem problem, LinearTrainingOptions options, IProgress<LinearTrainingProgress>? progress, CancellationToken cancellationToken)
    {
        _problem = problem;
        _options = options;
        _progress = progress;
        _cancellationToken = cancellationToken;
        Penalties = [.. options.Penalties.Distinct().Order()];
        _fits = problem.Outputs * ((options.Folds * Penalties.Length) + 1);
        Outputs = [.. Penalties.Select(_ => Enumerable.Range(0, problem.Outputs).Select(_ => new double[problem.Features.Rows]).ToArray())];
    }

    /// <summary>Gets the penalties, ascending.</summary>
    public double[] Penalties { get; }

    /// <summary>Gets the outputs of rows held out, <c>[penalties, outputs, rows]</c>.</summary>
    public double[][][] Outputs { get; }

    public static LinearCrossValidation Run(LinearProblem problem, LinearTrainingOptions options, IProgress<LinearTrainingProgress>? progress, CancellationToken cancellationToken)
    {
        var validation = new LinearCrossValidation(problem, options, progress, cancellationToken);
        validation.InParallel(options.Folds * problem.Outputs, job => validation.FitPath(job / problem.Outputs, job % problem.Outputs));
        return validation;
    }

    /// <summary>Fits every output to all rows.</summary>
    /// <returns>For each output, the weight of each column, then the bias.</returns>
    public double[][] FitAll(double penalty)
    {
        var parameters = new double[_problem.Outputs][];
        InParallel(parameters.Length, output =>
        {
            parameters[output] = new double[_problem.Features.Buckets.Length + 1];
            Fit(output, _problem.TrainingWeights(output, heldOut: -1), penalty, parameters[output]);
        });
        return parameters;
    }

    private void InParallel(int jobs, Action<int> run)
    {
        try
        {
            Parallel.For(0, jobs, new ParallelOptions { MaxDegreeOfParallelism = _options.MaxDegreeOfParallelism, CancellationToken = _cancellationToken }, run);
        }
        catch (AggregateException exception) when (exception.InnerExceptions.All(static inner => inner is OperationCanceledException))
        {
            throw new OperationCanceledException(_cancellationToken);
        }
    }

    // From the strongest penalty to the weakest: each fit starts where the one before it ended, and so ends soon.
    private void FitPath(int fold, int output)
    {
        double[] weights = _problem.TrainingWeights(output, fold);
        var parameters = new double[_problem.Features.Buckets.Length + 1];
        for (int p = Penalties.Length - 1; p >= 0; p--)
        {
            Fit(output, weights, Penalties[p], parameters);
            for (int row = 0; row < weights.Length; row++)
            {
                if (_problem.IsHeldOut(row, fold))
                {
                    Outputs[p][output][row] = _problem.Features.Dot(row, parameters) + parameters[^1];
                }
            }
        }
    }

    private void Fit(int output, double[] weights, double penalty, double[] parameters)
    {
        double[] targets = _problem.Targets(output);
        if (_options.Method == LinearMethod.Ridge)
        {
            LinearFit.Ridge(_problem.Features, targets, weights, penalty, parameters, _options, _cancellationToken);
        }
        else
        {
            LinearFit.Logistic(_problem.Features, targets, weights, penalty, parameters, _options, _cancellationToken);
        }

        _progress?.Report(new LinearTrainingProgress(Interlocked.Increment(ref _done), _fits));
    }
}
