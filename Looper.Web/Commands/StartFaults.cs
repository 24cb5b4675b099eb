using System.Net.Sockets;
using Looper.Core.Persistence;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Options;

namespace Looper.Web.Commands;

/// <summary>What keeps a server from starting and is the operator's to mend: told in one sentence, where a trace would only frighten.</summary>
internal static class StartFaults
{
    /// <returns>Null for a fault of ours, which shows its trace.</returns>
    public static string? Sentence(Exception fault) => fault switch
    {
        StartRefusedException or InvalidDataException => fault.Message,
        OptionsValidationException invalid => string.Join(' ', invalid.Failures),
        IOException { InnerException: AddressInUseException } taken =>
            $"{taken.Message.TrimEnd('.')}. Stop the program that listens there, or choose another address, such as --urls http://localhost:5001.",
        SocketException { SocketErrorCode: SocketError.AccessDenied or SocketError.AddressNotAvailable } socket =>
            $"Looper may not listen on that address: {socket.Message}. Choose another, such as --urls http://localhost:5001.",
        InvalidOperationException { InnerException: FormatException wrong } setting when setting.Message.Contains("configuration value", StringComparison.Ordinal) =>
            $"{Setting(setting.Message)}: {wrong.Message} Correct it where it was set: appsettings.json, the environment, or the arguments.",
        _ => null,
    };

    // "Failed to convert configuration value 'x' at 'Looper:Database' to type '…'."
    private static string Setting(string message) => message.Split('\'') is [_, _, _, var path, ..] ? path : message;
}
