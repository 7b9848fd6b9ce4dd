using System.Globalization;

namespace RouteLLM.Training;

/// <summary>Trains a <see cref="HashedMatrixFactorizationModel"/> from outcomes of pairs of models.</summary>
/// <remarks>
/// <para>
/// Three factorisations over the same hashed features are fitted, each by maximum a posteriori with Gaussian priors (a ridge) and L-BFGS: the benchmark expert to outcomes of all models and pairs,
/// the traffic expert to the default pair's outcomes on traffic, and the gate to which prompts are which. Wins and ties follow Rao and Kupper, "Ties in Paired-Comparison Experiments" (1967).
/// </para>
/// <para>
/// Models fitted without a part of the data score that part; on those scores the probabilities of the default pair are calibrated (Platt, 1999), and their quantiles are kept,
/// so that a strong share holds on prompts the model has not seen.
/// </para>
/// <para>The same prompts, options and seed give the same bytes, with any number of threads.</para>
/// </remarks>
public static class HashedMatrixFactorizationTrainer
{
    /// <summary>Trains a model.</summary>
    /// <param name="prompts">The prompts. Some must stand for traffic and have an outcome of the default pair, the strong model first.</param>
    /// <param name="options">How to train.</param>
    /// <param name="cancellationToken">Cancels the training.</param>
    /// <returns>The model, its artifact, and held-out probabilities.</returns>
    /// <exception cref="ArgumentException">The prompts name no outcome of the default pair on traffic, or an outcome is not a probability.</exception>
    public static TrainedMatrixFactorization Train(
        IReadOnlyList<TrainingPrompt> prompts, HashedMatrixFactorizationTrainingOptions options, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(prompts);
        ArgumentNullException.ThrowIfNull(options);
        var problem = new MixtureProblem(prompts, options);
        var fits = new MixtureFit[options.Folds + 1];
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = options.MaxDegreeOfParallelism, CancellationToken = cancellationToken };
        Parallel.For(0, fits.Length, parallel, fold => fits[fold] = problem.Fit(fold, cancellationToken));

        double[] logits = [.. problem.Calibrating.Select(row => problem.HeldOutLogit(fits, row))];
        LogisticCalibration calibration = LogisticCalibration.Fit(logits, [.. problem.Calibrating.Select(problem.Target)]);
        var heldOut = new double[prompts.Count];
        Array.Fill(heldOut, double.NaN);
        for (int i = 0; i < logits.Length; i++)
        {
            heldOut[problem.Calibrating[i]] = calibration.Apply(logits[i]);
        }

        SafetensorsWriter artifact = MixtureArtifact.Create(problem, fits[^1], calibration, ScoreQuantiles.FromScores(heldOut), options);
        artifact.Metadata["training.seed"] = options.Seed.ToString(CultureInfo.InvariantCulture);
        artifact.Metadata["training.rows"] = prompts.Count.ToString(CultureInfo.InvariantCulture);
        foreach ((string key, string value) in options.Metadata)
        {
            artifact.Metadata[key] = value;
        }

        byte[] bytes = artifact.ToArray();
        return new TrainedMatrixFactorization(HashedMatrixFactorizationModel.Load(SafetensorsFile.Parse(bytes)), bytes, heldOut);
    }
}
