using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Looper.Testing.Events;

/// <summary>A file system for SQLite that fails or records as told: the system's own, with opening, writing, flushing, truncating and
/// deleting passed through a <see cref="FaultPlan"/>. Registered once per process under <see cref="Name"/>; plans go by folder.</summary>
public static unsafe partial class FaultFileSystem
{
    public const string Name = "fault";

    private const int Delete = 0x8; // SQLITE_OPEN_DELETEONCLOSE: a temporary file, none of our business
    private static readonly ConcurrentDictionary<string, FaultPlan> s_plans = [];
    private static readonly ConcurrentDictionary<nint, OpenFile> s_files = [];
    private static nint* s_system, s_fault;

    /// <summary>From now on every connection of this process that names no file system of its own goes through this one: for a whole server.</summary>
    public static void MakeDefault()
    {
        Register();
        if (sqlite3_vfs_register(s_fault, 1) != 0) throw new InvalidOperationException("SQLite did not take the faulty file system.");
    }

    /// <summary>Puts the plan over every file in the folder until it is disposed.</summary>
    public static void Use(FaultPlan plan)
    {
        Register();
        s_plans[plan.Folder] = plan;
    }

    internal static void Forget(FaultPlan plan) => s_plans.TryRemove(plan.Folder, out _);

    private static void Register()
    {
        lock (s_plans)
        {
            if (s_system != null) return;
            SQLitePCL.Batteries_V2.Init();
            s_system = sqlite3_vfs_find(null);
            var fault = s_fault = Copy(s_system, VfsWord.Count);
            fault[VfsWord.Next] = 0;
            fault[VfsWord.Name] = Marshal.StringToCoTaskMemUTF8(Name);
            fault[VfsWord.Open] = (nint)(delegate* unmanaged[Cdecl]<nint*, byte*, nint*, int, int*, int>)&Open;
            fault[VfsWord.Delete] = (nint)(delegate* unmanaged[Cdecl]<nint*, byte*, int, int>)&DeleteFile;
            if (sqlite3_vfs_register(fault, 0) != 0) throw new InvalidOperationException("SQLite did not take the faulty file system.");
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int Open(nint* vfs, byte* path, nint* file, int flags, int* outFlags)
    {
        var name = Marshal.PtrToStringUTF8((nint)path);
        var plan = name is null || (flags & Delete) != 0 ? null : s_plans.GetValueOrDefault(Path.GetDirectoryName(name)!);
        if (plan?.Fails(FileCall.Open, name!, 0) is { } code && code != 0)
        {
            *file = 0;
            return code;
        }
        var result = ((delegate* unmanaged[Cdecl]<nint*, byte*, nint*, int, int*, int>)s_system[VfsWord.Open])(s_system, path, file, flags, outFlags);
        if (result != 0 || plan is null || *file == 0) return result;
        var own = Copy((nint*)*file, FileWord.Count);
        own[FileWord.Close] = (nint)(delegate* unmanaged[Cdecl]<nint*, int>)&Close;
        own[FileWord.Write] = (nint)(delegate* unmanaged[Cdecl]<nint*, byte*, int, long, int>)&Write;
        own[FileWord.Truncate] = (nint)(delegate* unmanaged[Cdecl]<nint*, long, int>)&Truncate;
        own[FileWord.Sync] = (nint)(delegate* unmanaged[Cdecl]<nint*, int, int>)&Sync;
        s_files[(nint)file] = new(plan, name!, *file, (nint)own);
        *file = (nint)own;
        return result;
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int DeleteFile(nint* vfs, byte* path, int syncFolder)
    {
        var name = Marshal.PtrToStringUTF8((nint)path)!;
        var plan = s_plans.GetValueOrDefault(Path.GetDirectoryName(name)!);
        if (plan?.Fails(FileCall.Delete, name, 0) is { } code && code != 0) return code;
        var result = ((delegate* unmanaged[Cdecl]<nint*, byte*, int, int>)s_system[VfsWord.Delete])(s_system, path, syncFolder);
        if (result == 0) plan?.Record(new(FileCall.Delete, name, syncFolder, []));
        return result;
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int Close(nint* file)
    {
        s_files.TryRemove((nint)file, out var open);
        *file = open!.System;
        var result = ((delegate* unmanaged[Cdecl]<nint*, int>)((nint*)*file)[FileWord.Close])(file);
        NativeMemory.Free((void*)open.Own);
        return result;
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int Write(nint* file, byte* bytes, int count, long offset)
    {
        var open = s_files[(nint)file];
        if (open.Plan.Fails(FileCall.Write, open.Path, offset + count) is var code and not 0) return code;
        var result = ((delegate* unmanaged[Cdecl]<nint*, byte*, int, long, int>)open.Method(FileWord.Write))(file, bytes, count, offset);
        if (result == 0) open.Plan.Record(new(FileCall.Write, open.Path, offset, open.Plan.IsRecording ? new ReadOnlySpan<byte>(bytes, count).ToArray() : []));
        return result;
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int Truncate(nint* file, long size)
    {
        var open = s_files[(nint)file];
        if (open.Plan.Fails(FileCall.Truncate, open.Path, 0) is var code and not 0) return code;
        var result = ((delegate* unmanaged[Cdecl]<nint*, long, int>)open.Method(FileWord.Truncate))(file, size);
        if (result == 0) open.Plan.Record(new(FileCall.Truncate, open.Path, size, []));
        return result;
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int Sync(nint* file, int flags)
    {
        var open = s_files[(nint)file];
        if (open.Plan.Fails(FileCall.Sync, open.Path, 0) is var code and not 0) return code;
        if (open.Plan.IgnoresSync) return 0;
        var before = open.Plan.Recorded; // what is written while a flush runs need not be in it
        var result = ((delegate* unmanaged[Cdecl]<nint*, int, int>)open.Method(FileWord.Sync))(file, flags);
        if (result == 0) open.Plan.RecordFlush(open.Path, before);
        return result;
    }

    private static nint* Copy(nint* words, int count)
    {
        var copy = (nint*)NativeMemory.Alloc((nuint)(count * sizeof(nint)));
        new ReadOnlySpan<nint>(words, count).CopyTo(new Span<nint>(copy, count));
        return copy;
    }

    [LibraryImport("e_sqlite3")]
    private static partial nint* sqlite3_vfs_find(byte* name);

    [LibraryImport("e_sqlite3")]
    private static partial int sqlite3_vfs_register(nint* vfs, int makeDefault);

    private sealed record OpenFile(FaultPlan Plan, string Path, nint System, nint Own)
    {
        public nint Method(int word) => ((nint*)System)[word];
    }

    // Both structures of sqlite3.h are tables of words on a 64-bit system; these are the places we touch.
    private static class VfsWord
    {
        public const int Next = 2, Name = 3, Open = 5, Delete = 6, Count = 21;
    }

    private static class FileWord
    {
        public const int Close = 1, Write = 3, Truncate = 4, Sync = 5, Count = 19;
    }
}
