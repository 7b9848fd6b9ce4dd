namespace RouteLLM;

/// <summary>A linear function of hashed text features: for the win probability of one pair of models, or for the quality of each of many.</summary>
/// <remarks>
/// <para>
/// With x the features of a prompt (see <see cref="LinearFeatures"/>), weighted by inverse document frequency and divided by their norm, each output is z = w . x + b. A model for one pair has one output, the logit of the win
/// probability. A model of a pool has one for each model, its quality or the logit of it (see <see cref="LinearLink"/>); there a is clearly better than b with probability sigmoid(s (z_a - z_b) + t), with s and t calibrated for that pair.
/// </para>
/// <para>An artifact holds only the features that occur in its training data, by number: no word of that data stands in it. Instances are immutable and thread-safe.</para>
/// </remarks>
public sealed class LinearModel
{
    private readonly LinearArtifact _artifact;

    private LinearModel(LinearArtifact artifact) => _artifact = artifact;

    /// <summary>Gets the names of the models; of a model for one pair, the strong one first.</summary>
    public IReadOnlyList<string> Models => _artifact.Models;

    /// <summary>Gets the strong model of the default pair.</summary>
    public string StrongModel => _artifact.DefaultPair[0];

    /// <summary>Gets the weak model of the default pair.</summary>
    public string WeakModel => _artifact.DefaultPair[1];

    /// <summary>Gets what is read from a text.</summary>
    public LinearFeatures Features => _artifact.Features;

    /// <summary>Gets what the linear functions predict.</summary>
    public LinearLink Link => _artifact.Link;

    /// <summary>Gets the number of features that have a weight.</summary>
    public int FeatureCount => _artifact.Buckets.Length;

    /// <summary>Gets the SHA-256 of the artifact, in lower-case hexadecimal digits.</summary>
    public string Fingerprint => _artifact.Fingerprint;

    /// <summary>Gets what the artifact says of itself, such as the data it was trained on.</summary>
    public IReadOnlyDictionary<string, string> Metadata => _artifact.Metadata;

    /// <summary>Gets what the model is made of.</summary>
    internal LinearArtifact Artifact => _artifact;

    /// <summary>Loads a model from a file.</summary>
    /// <param name="path">The file, in the safetensors format.</param>
    /// <returns>The model.</returns>
    /// <exception cref="InvalidArtifactException">The file is damaged or holds something else.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static LinearModel Load(string path) => Load(SafetensorsFile.Load(path));

    /// <summary>Loads a model from a safetensors file that has been read.</summary>
    /// <param name="file">The file; it is copied from, not kept.</param>
    /// <returns>The model.</returns>
    /// <exception cref="InvalidArtifactException">The file holds something else, or its parts do not fit together.</exception>
    public static LinearModel Load(SafetensorsFile file)
    {
        ArgumentNullException.ThrowIfNull(file);
        return new LinearModel(LinearArtifact.Read(file));
    }

    /// <summary>Makes the router for the default pair.</summary>
    /// <returns>The router; it carries the quantiles of its own scores.</returns>
    public LinearRouter ForDefaultPair() => ForPair(StrongModel, WeakModel);

    /// <summary>Makes the router for two of the models.</summary>
    /// <param name="strongModel">The strong model's name.</param>
    /// <param name="weakModel">The weak model's name.</param>
    /// <returns>The router. Every pair is calibrated; only the default pair carries quantiles: for another, take a <see cref="ScoreQuantiles"/> from scores of your own traffic.</returns>
    /// <exception cref="ArgumentException">A name is not one of <see cref="Models"/>, both are the same, or the model was trained for the default pair alone and the pair is another.</exception>
    public LinearRouter ForPair(string strongModel, string weakModel)
    {
        int strong = ModelNames.IndexOf(_artifact.Models, strongModel, nameof(strongModel));
        int weak = ModelNames.IndexOf(_artifact.Models, weakModel, nameof(weakModel));
        if (strong == weak)
        {
            throw new ArgumentException($"The strong and the weak model are both '{strongModel}'; a router chooses between two.", nameof(weakModel));
        }

        bool isDefaultPair = strongModel == StrongModel && weakModel == WeakModel;
        if (Link == LinearLink.WinProbability && !isDefaultPair)
        {
            throw new ArgumentException($"This model was trained for '{StrongModel}' as the strong and '{WeakModel}' as the weak model, not the other way round. Train one on the scores of a pool to route any two of its models.", nameof(strongModel));
        }

        (double slope, double intercept) = Link == LinearLink.WinProbability ? (1, 0) : _artifact.Calibration(strong, weak);
        ReadOnlySpan<float> up = _artifact.WeightsOf(strong);
        ReadOnlySpan<float> down = Link == LinearLink.WinProbability ? [] : _artifact.WeightsOf(weak);
        var terms = new LinearTerm[HashedTextFeatures.BucketCount];
        ReadOnlySpan<float> squares = _artifact.Squares();
        for (int bucket = 0; bucket < terms.Length; bucket++)
        {
            terms[bucket] = new LinearTerm(0, squares[bucket]);
        }

        for (int i = 0; i < _artifact.Buckets.Length; i++)
        {
            double weight = slope * (up[i] - (down.IsEmpty ? 0 : down[i])) * _artifact.FeatureWeights[i];
            terms[_artifact.Buckets[i]] = terms[_artifact.Buckets[i]] with { Weight = (float)weight };
        }

        double bias = intercept + (slope * (_artifact.Biases[strong] - (down.IsEmpty ? 0 : _artifact.Biases[weak])));
        return new LinearRouter(this, new RouterMetadata(_artifact.Name, strongModel, weakModel, Fingerprint), terms, bias, isDefaultPair ? _artifact.Quantiles : null);
    }

    /// <summary>Makes the predictor of the quality of every model.</summary>
    /// <returns>The predictor.</returns>
    /// <exception cref="InvalidOperationException">The model was trained for one pair (<see cref="LinearLink.WinProbability"/>) and knows nothing of qualities.</exception>
    public LinearQualityPredictor ForPool()
    {
        if (Link == LinearLink.WinProbability)
        {
            throw new InvalidOperationException($"This model predicts which of '{StrongModel}' and '{WeakModel}' wins, not how good they are. Train one on the scores of a pool.");
        }

        var featureOf = new int[HashedTextFeatures.BucketCount];
        Array.Fill(featureOf, -1);
        var weights = new float[FeatureCount * Models.Count];
        for (int i = 0; i < FeatureCount; i++)
        {
            featureOf[_artifact.Buckets[i]] = i;
            for (int m = 0; m < Models.Count; m++)
            {
                weights[(i * Models.Count) + m] = _artifact.WeightsOf(m)[i] * _artifact.FeatureWeights[i];
            }
        }

        return new LinearQualityPredictor(this, featureOf, _artifact.Squares(), weights);
    }

    internal double QualityOf(int model, double sum)
    {
        double output = sum + _artifact.Biases[model];
        return Link == LinearLink.Quality ? Math.Clamp(output, 0, 1) : 1 / (1 + Math.Exp(-output));
    }
}
