using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using RouteLLM.Diagnostics;

namespace RouteLLM.Tests.Diagnostics;

/// <summary>Records what is measured by the meters of its own factory, and by no others.</summary>
internal sealed class MetricRecorder : IDisposable
{
    private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().BuildServiceProvider();
    private readonly ConcurrentQueue<Measurement> _measurements = new();
    private readonly MeterListener _listener = new();

    public MetricRecorder()
    {
        MeterFactory = _services.GetRequiredService<IMeterFactory>();
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter.Name == RoutingTelemetryNames.Source && ReferenceEquals(instrument.Meter.Scope, MeterFactory))
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => _measurements.Enqueue(new(instrument, value, tags.ToArray().ToDictionary())));
        _listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => _measurements.Enqueue(new(instrument, value, tags.ToArray().ToDictionary())));
        _listener.Start();
    }

    public IMeterFactory MeterFactory { get; }

    public IReadOnlyList<Measurement> Of(string instrument) => [.. _measurements.Where(measurement => measurement.Instrument.Name == instrument)];

    public IReadOnlyList<Measurement> All => [.. _measurements];

    /// <summary>Asks the observable instruments for their values now.</summary>
    public IReadOnlyList<double> Observe(string instrument)
    {
        int before = Of(instrument).Count;
        _listener.RecordObservableInstruments();
        return [.. Of(instrument).Skip(before).Select(measurement => measurement.Value)];
    }

    public void Dispose()
    {
        _listener.Dispose();
        _services.Dispose();
    }

    internal sealed record Measurement(Instrument Instrument, double Value, IReadOnlyDictionary<string, object?> Tags);
}
