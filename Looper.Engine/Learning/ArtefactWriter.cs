using System.Buffers;
using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Text;
using Looper.Core.Learning.Linear;
using Looper.Core.Learning.Network;
using Looper.Core.Learning.Trees;

namespace Looper.Core.Learning;

/// <summary>Writes the payload of an artefact, in the order in which <see cref="ArtefactReader"/> reads it.</summary>
internal sealed class ArtefactWriter
{
    private readonly ArrayBufferWriter<byte> _bytes = new(65_536);

    public ReadOnlySpan<byte> Payload => _bytes.WrittenSpan;

    public void Write(TrainedPredictor trained)
    {
        WriteHead(trained.Columns, trained.Calibration);
        Predictor(trained.Predictor);
    }

    public void WriteHead(ImmutableArray<Column> columns, Calibration? calibration)
    {
        Int(columns.Length);
        foreach (var column in columns) Column(column);
        Calibration(calibration);
    }

    private void Column(Column column)
    {
        Text(column.Name);
        Byte((byte)column.Kind);
        Int(column.Categories.Length);
        foreach (var text in column.Categories) Text(text);
    }

    private void Calibration(Calibration? calibration)
    {
        switch (calibration)
        {
            case null:
                Byte(0);
                break;
            case IsotonicCalibration isotonic:
                Byte(1);
                Numbers(isotonic.X.AsSpan());
                Numbers(isotonic.Y.AsSpan());
                break;
            case PlattCalibration platt:
                Byte(2);
                Number(platt.Slope);
                Number(platt.Intercept);
                break;
            case LinearCalibration linear:
                Byte(3);
                Number(linear.Slope);
                Number(linear.Intercept);
                break;
            case TemperatureCalibration temperature:
                Byte(4);
                Number(temperature.Slope);
                break;
            default:
                throw new ArgumentException($"{calibration.GetType().Name} has no place in the format.", nameof(calibration));
        }
    }

    private void Predictor(IPredictor predictor)
    {
        switch (predictor)
        {
            case TreeEnsemble ensemble:
                Byte(1);
                Ensemble(ensemble);
                break;
            case LinearPredictor linear:
                Byte(2);
                Linear(linear);
                break;
            case NetworkPredictor network:
                Byte(3);
                Network(network);
                break;
            default:
                throw new ArgumentException($"{predictor.GetType().Name} has no place in the format.", nameof(predictor));
        }
    }

    private void Ensemble(TreeEnsemble ensemble)
    {
        Byte((byte)ensemble.Objective);
        Numbers(ensemble.Start.AsSpan());
        foreach (var levels in ensemble.Levels)
        {
            Int(levels.IsDefault ? -1 : levels.Length);
            if (!levels.IsDefault) foreach (var level in levels) Byte((byte)(level + 1));
        }
        Int(ensemble.Trees.Length);
        foreach (var tree in ensemble.Trees) Write(tree);
    }

    private void Write(Tree tree)
    {
        Int(tree.Nodes.Length);
        foreach (var node in tree.Nodes)
        {
            Byte((byte)(node.IsLeaf ? 0 : (node.Set < 0 ? 1 : 2) | (node.MissingLeft ? 4 : 0)));
            Number(node.Value);
            Number(node.Cover);
            if (node.IsLeaf) continue;
            Int(node.Feature);
            Int(node.Left);
            Int(node.Right);
            Number(node.Gain);
            if (node.Set < 0) Number(node.Threshold);
            else for (var w = 0; w < Tree.SetWords; w++) Long((long)tree.Sets[node.Set * Tree.SetWords + w]);
        }
    }

    private void Linear(LinearPredictor linear)
    {
        Byte((byte)linear.Objective);
        Numbers(linear.Intercepts.AsSpan());
        foreach (var term in linear.Terms)
        {
            Number(term.Mean);
            Numbers(term.Slopes.AsSpan());
            Numbers(term.Levels.AsSpan());
        }
    }

    private void Network(NetworkPredictor network)
    {
        Byte((byte)network.Objective);
        Int(network.Outputs);
        Number(network.Scale);
        Number(network.Shift);
        foreach (var input in network.Inputs)
        {
            Numbers(input.Knots.AsSpan());
            Int(input.Slots.Length);
            foreach (var slot in input.Slots) Int(slot);
            Int(input.Size);
        }
        Int(network.Members.Length);
        foreach (var member in network.Members) Numbers(member.AsSpan());
    }

    private void Byte(byte value) => _bytes.Write([value]);

    private void Int(int value)
    {
        Span<byte> four = stackalloc byte[4];
        BinaryPrimitives.WriteInt32LittleEndian(four, value);
        _bytes.Write(four);
    }

    private void Number(double value) => Long(BitConverter.DoubleToInt64Bits(value));

    private void Long(long value)
    {
        Span<byte> eight = stackalloc byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(eight, value);
        _bytes.Write(eight);
    }

    private void Numbers(ReadOnlySpan<double> values)
    {
        Int(values.Length);
        foreach (var value in values) Number(value);
    }

    private void Text(string text)
    {
        var utf8 = Encoding.UTF8.GetBytes(text);
        Int(utf8.Length);
        _bytes.Write(utf8);
    }
}
