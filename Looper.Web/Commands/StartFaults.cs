using System.Net.Sockets;
using System.Text.RegularExpressions;
using Looper.Core.Persistence;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Options;

namespace Looper.Web.Commands;

/// <summary>What keeps a server from starting and is the operator's to mend: told in one sentence, where a trace would only frighten.</summary>
internal static partial class StartFaults
{
    /// <returns>Null for a fault of ours, which shows its trace.</returns>
    public static string? Sentence(Exception fault) => fault switch
    {
        StartRefusedException or InvalidDataException => fault.Message,
        OptionsValidationException invalid => string.Join(' ', invalid.Failures.Select(failure => Named(failure, invalid.OptionsType))),
        AggregateException { InnerExceptions: { Count: > 0 } several } when several.All(one => Sentence(one) is not null) => string.Join(' ', several.Select(Sentence)),
        _ when DatabaseFaults.IsRefusing(fault) =>
            $"The database server refuses this node: {fault.GetBaseException().Message.Split('\n')[0].TrimEnd('.')}. Correct Looper:ConnectionString, or what its account may do there, then start again.",
        IOException { InnerException: AddressInUseException } taken =>
            $"{taken.Message.TrimEnd('.')}. Stop the program that listens there, or choose another address, such as {Address}.",
        SocketException { SocketErrorCode: SocketError.AccessDenied or SocketError.AddressNotAvailable } socket =>
            $"Looper may not listen on that address: {socket.Message}. Choose another, such as {Address}.",
        FormatException { Message: var no } when no.StartsWith("Invalid url", StringComparison.Ordinal) => $"{no.TrimEnd('.')}. Give an address to listen on, such as {Address}.",
        ArgumentOutOfRangeException { ParamName: "port" } => $"A port to listen on is 0 to 65535. Give another, such as {Address}.",
        InvalidOperationException { Message: var no } when s_addresses.Any(begin => no.StartsWith(begin, StringComparison.Ordinal)) => $"{no.Split('\n')[0].Trim()} Or choose another address, such as {Address}.",
        InvalidOperationException { InnerException: { } wrong } setting when setting.Message.Contains("configuration value", StringComparison.Ordinal) =>
            $"{Setting(setting.Message)}: {wrong.Message.Split(" (Parameter")[0].TrimEnd('.')}. Correct it where it was set: appsettings.json, the environment, or the arguments.",
        _ => null,
    };

    private const string Address = "--urls http://localhost:5001";

    // What the server says of an address that it can read and cannot use.
    private static readonly string[] s_addresses = ["Unrecognized scheme in server address", "Unable to configure HTTPS endpoint", "A path base can only be configured"];

    // "Failed to convert configuration value 'x' at 'Looper:Database' to type '…'."
    private static string Setting(string message) => message.Split('\'') is [_, _, _, var path, ..] ? path : message;

    // "BodyBytes: The field LimitOptions.BodyBytes must be between 1 and 2." and "… the error: 'The field Poll must be between 1 and 2.'." by the name that the operator knows.
    private static string Named(string failure, Type options) =>
        Range().Match(failure) is { Success: true } range && options.GetField("Section")?.GetRawConstantValue() is string section ? $"{section}:{range.Groups["name"].Value} {range.Groups["must"].Value}." : failure;

    [GeneratedRegex(@"The field (?:\w+\.)?(?<name>\w+) (?<must>must .*?)\.(?:'|$)")]
    private static partial Regex Range();
}
