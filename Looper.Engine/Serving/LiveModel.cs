using System.Collections.Immutable;
using Looper.Core.Learning;

namespace Looper.Core.Serving;

/// <summary>A model's trees compiled for one list of options, with what the encoder needs to know of the model.</summary>
internal sealed record CompiledForm(int Model, ImmutableArray<Column> Columns, Calibration? Calibration, CompiledTrees Trees);

/// <summary>A live model while its decision point is compiled. Where its forms are known from before, its artefact is not even read.</summary>
internal sealed class LiveModel
{
    private readonly Lazy<TrainedPredictor?> _predictor;
    private readonly List<CompiledForm> _forms;

    private LiveModel(int number, Func<TrainedPredictor?> read, IEnumerable<CompiledForm> known) =>
        (Number, _predictor, _forms) = (number, new(read), [.. known.Where(f => f.Model == number)]);

    public int Number { get; }

    /// <summary>Its artefact is sound.</summary>
    public bool IsReadable => _forms.Count > 0 || _predictor.Value is not null;

    /// <summary>It predicts one number.</summary>
    public bool HasOneOutput => _forms.Count > 0 || _predictor.Value is { Outputs: 1 };

    public ImmutableArray<Column> Columns => _forms.Count > 0 ? _forms[0].Columns : _predictor.Value!.Columns;

    /// <summary>Itself, for what is not compiled; null where its artefact cannot be read.</summary>
    public TrainedPredictor? Predictor
    {
        get
        {
            IsAllInForms = false;
            return _predictor.Value;
        }
    }

    /// <summary>Nothing was asked of it that its forms do not hold.</summary>
    public bool IsAllInForms { get; private set; } = true;

    /// <summary>What it was compiled to.</summary>
    public IReadOnlyList<CompiledForm> Forms => _forms;

    public static LiveModel Of(ModelSource model, ImmutableArray<CompiledForm> known = default) =>
        new(model.Number, () => Artefact.Read(model.Artefact.Span).Value, known.IsDefault ? [] : known);

    /// <summary>Compiled for the options of an encoder; null for what is not made of many trees.</summary>
    public CompiledForm? For(ModelEncoder encoder)
    {
        if (_forms.Find(f => f.Trees.IsFor(encoder.OptionAt, encoder.OptionCodes)) is { } known) return known;
        if (_predictor.Value is not { Predictor: TreeEnsemble { Outputs: 1 } ensemble } trained) return null;
        var form = new CompiledForm(Number, trained.Columns, trained.Calibration, new(ensemble, encoder.OptionAt, encoder.OptionCodes));
        if (form.Trees.HasPlan) _forms.Add(form);
        else IsAllInForms = false;
        return form;
    }
}
