import { google, temporal } from '@temporalio/proto'
