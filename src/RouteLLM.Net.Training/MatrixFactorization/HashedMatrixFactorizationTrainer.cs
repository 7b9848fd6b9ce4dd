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

        MixtureLogits[] logits = [.. problem.Calibrating.Select(row => problem.HeldOutLogits(fits, row))];
        MixtureCalibration calibration = MixtureCalibration.Fit(logits, [.. problem.Calibrating.Select(problem.Target)]);
        var heldOut = new double[prompts.Count];
        Array.Fill(heldOut, double.NaN);
        for (int i = 0; i < logits.Length; i++)
        {
            heldOut[problem.Calibrating[i]] = MixtureRouter.Sigmoid(calibration.Apply(logits[i]));
        }

        SafetensorsWriter artifact = MixtureArtifact.Create(problem, fits[^1], calibration, ScoreQuantiles.FromScores(problem.Calibrating.Where(problem.IsTraffic).Select(row => heldOut[row])), options);
        artifact.Metadata["training.seed"] = options.Seed.ToString(CultureInfo.InvariantCulture);
        artifact.Metadata["training.rows"] = prompts.Count.ToString(CultureInfo.InvariantCulture);
        foreach ((string key, string value) in options.Metadata)
        {
            artifact.Metadata[key] = value;
        }

        byte[] bytes = artifact.ToArray();
        return new TrainedMatrixFactorization(HashedMatrixFactorizationModel.Load(SafetensorsFile.Parse(bytes)), bytes, heldOut);
    }

    /// <summary>Predicts each part of the prompts with a model that was trained on the other parts: how good a model is on a source, an author or a fold it has not seen.</summary>
    /// <param name="prompts">The prompts.</param>
    /// <param name="options">How to train.</param>
    /// <param name="parts">Which part each prompt belongs to, one name a prompt.</param>
    /// <param name="cancellationToken">Cancels the work.</param>
    /// <returns>The probability that the strong model of the default pair wins clearly, one a prompt, in [0, 1]; calibrated on all of these. How often features occur is counted over all parts; outcomes of a part are never seen.</returns>
    /// <exception cref="ArgumentException">There is not one part a prompt, or the prompts cannot be trained on.</exception>
    public static double[] PredictLeftOut(
        IReadOnlyList<TrainingPrompt> prompts, HashedMatrixFactorizationTrainingOptions options, IReadOnlyList<string> parts, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(prompts);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(parts);
        if (parts.Count != prompts.Count)
        {
            throw new ArgumentException($"There are {prompts.Count} prompts and {parts.Count} parts; every prompt belongs to one.", nameof(parts));
        }

        return Predict(new MixtureProblem(prompts, options), parts, cancellationToken);
    }

    /// <summary>Predicts every prompt with a model that was trained without its fold, as <see cref="Train"/> deals them: groups stay together.</summary>
    /// <param name="prompts">The prompts.</param>
    /// <param name="options">How to train, and how many folds to make.</param>
    /// <param name="cancellationToken">Cancels the work.</param>
    /// <returns>The probability that the strong model of the default pair wins clearly, one a prompt, in [0, 1]; calibrated on all of these.</returns>
    /// <exception cref="ArgumentException">The prompts cannot be trained on.</exception>
    public static double[] PredictHeldOut(IReadOnlyList<TrainingPrompt> prompts, HashedMatrixFactorizationTrainingOptions options, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(prompts);
        ArgumentNullException.ThrowIfNull(options);
        var problem = new MixtureProblem(prompts, options);
        return Predict(problem, problem.Folds, cancellationToken);
    }

    private static double[] Predict(MixtureProblem problem, IReadOnlyList<string> parts, CancellationToken cancellationToken)
    {
        MixtureLogits[] logits = problem.LeftOutLogits(parts, cancellationToken);
        MixtureCalibration calibration = MixtureCalibration.Fit([.. problem.Calibrating.Select(row => logits[row])], [.. problem.Calibrating.Select(problem.Target)]);
        return [.. logits.Select(row => MixtureRouter.Sigmoid(calibration.Apply(row)))];
    }
}
