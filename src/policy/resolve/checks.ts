import type { PolicyDocument } from '../../core/policy/rules/document.ts';
import type { WrittenPolicy } from '../schema/file.ts';
import type { Report } from './report.ts';

/** What is wrong between parts of the file that are right on their own. */
export function checkPolicy(_written: WrittenPolicy, _document: PolicyDocument, _report: Report): void {}
