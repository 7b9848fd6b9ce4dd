namespace RouteLLM.Evaluation;

/// <summary>Adds up a figure over requests of which it is measured, estimated or not known.</summary>
internal struct RunningMean
{
    private double _sum;
    private long _measured;
    private long _estimated;

    // Unknown ones by the route they take, so that they can be estimated from the requests that did take it.
    private long _unknownStrong;
    private long _unknownWeak;

    public readonly double Mean => _measured + _estimated == 0 ? double.NaN : _sum / (_measured + _estimated);

    public void Add(double value, bool isMeasured, bool isStrong)
    {
        if (double.IsNaN(value))
        {
            _unknownStrong += isStrong ? 1 : 0;
            _unknownWeak += isStrong ? 0 : 1;
            return;
        }

        _sum += value;
        _measured += isMeasured ? 1 : 0;
        _estimated += isMeasured ? 0 : 1;
    }

    /// <summary>Finishes the mean.</summary>
    /// <param name="strongMean">What an unknown request on the strong route counts; NaN leaves it out.</param>
    /// <param name="weakMean">What one on the weak route counts.</param>
    public readonly SimulatedMean? Finish(double strongMean, double weakMean)
    {
        (double sum, long estimated, long unknown) = (_sum, _estimated, 0);
        foreach ((long count, double mean) in new[] { (_unknownStrong, strongMean), (_unknownWeak, weakMean) })
        {
            if (count > 0 && double.IsNaN(mean))
            {
                unknown += count;
            }
            else if (count > 0)
            {
                sum += count * mean;
                estimated += count;
            }
        }

        return _measured + estimated == 0 ? null : new SimulatedMean(sum / (_measured + estimated), _measured, estimated, unknown);
    }
}
